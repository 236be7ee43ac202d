/* What every public header needs: visibility of symbols, checked format strings, C linkage for C++. */
#ifndef FPSCAN_API_H
#define FPSCAN_API_H

#ifdef __cplusplus
#define FPS_BEGIN_DECLS extern "C" {
#define FPS_END_DECLS   }
#else
#define FPS_BEGIN_DECLS
#define FPS_END_DECLS
#endif

#if defined(__GNUC__)
#define FPS_API          __attribute__((visibility("default")))
#define FPS_PRINTF(f, a) __attribute__((format(printf, f, a)))
#else
#define FPS_API
#define FPS_PRINTF(f, a)
#endif

#endif
