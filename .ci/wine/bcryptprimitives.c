// Rust's standard library gets its random numbers from ProcessPrng of bcryptprimitives.dll, which Wine
// has only since 9.0. This implements that function with SystemFunction036, also called RtlGenRandom.
#include <stddef.h>

__declspec(dllimport) unsigned char __stdcall SystemFunction036(void *buffer, unsigned long length);

__declspec(dllexport) int __stdcall ProcessPrng(unsigned char *buffer, size_t length)
{
    while (length > 0) {
        unsigned long part = length < 0x10000 ? (unsigned long)length : 0x10000;
        if (!SystemFunction036(buffer, part))
            return 0;
        buffer += part;
        length -= part;
    }
    return 1;
}
