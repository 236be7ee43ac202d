/* The library that the sample imports from; it is linked against and not kept. */
int sample_imported(const char *text)
{
    return text[0];
}
int sample_imported_data = 4;
