/* What make-packed packs: calls and jumps for the filters, texts, imports, exports, addresses that are relocated. */
#define FOUR(x)     x(__COUNTER__) x(__COUNTER__) x(__COUNTER__) x(__COUNTER__)
#define SIXTEEN(x)  FOUR(x) FOUR(x) FOUR(x) FOUR(x)
#define JOIN_(a, b) a##b
#define JOIN(a, b)  JOIN_(a, b)

#ifdef _WIN32
#define EXPORT __declspec(dllexport)
__declspec(dllimport) void __stdcall ExitProcess(unsigned code);
__declspec(dllimport) void *__stdcall GetModuleHandleA(const char *name);
#else
#define EXPORT __attribute__((visibility("default")))
static void ExitProcess(unsigned code)
{
    volatile unsigned last = code;
    (void)last;
    for (;;)
        ;
}
#endif

static volatile int state = 7;
EXPORT const char *texts[] = {"the acme engine counts its turns",
                              "the acme engine has stopped for want of steam",
                              "acme engine 1.4.2 of the packed tests"};

/* UPX leaves calls of the first bytes as they are */
__attribute__((noinline, used)) static int first(int a)
{
    return a * 3 + state;
}

__attribute__((noinline)) static int turn(int a)
{
    state += a;
    return state > 1000 ? state >> 1 : state * 3 + a;
}

#define FUNCTION(number)                                                                                     \
    __attribute__((noinline)) static int JOIN(step_, number)(int a)                                          \
    {                                                                                                        \
        if (turn(a) > number * 31)                                                                           \
            return turn(a + number) - turn(number);                                                          \
        return turn(a ^ number * 17);                                                                        \
    }                                                                                                        \
    __attribute__((used)) static int (*const JOIN(pointer_, number))(int) = JOIN(step_, number);
#define WITH_NUMBER(number) FUNCTION(number)
SIXTEEN(WITH_NUMBER)

EXPORT int acme_run(int turns)
{
    int sum = 0;
    for (int i = 0; i < turns; i++)
        sum += pointer_0(i) + pointer_5(sum) + pointer_11(i ^ sum) + texts[i % 3][i % 30];
    return sum;
}

EXPORT int acme_stop(int why)
{
    return acme_run(why) + turn(why);
}

#ifdef _WIN32
int __stdcall start(void)
{
    ExitProcess((unsigned)acme_stop(GetModuleHandleA(0) ? 3 : 4));
    return 1;
}
#else
void _start(void)
{
    ExitProcess((unsigned)acme_stop(3));
}
void _init(void)
{
    acme_run(1);
}
#endif
