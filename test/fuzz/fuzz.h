#ifndef PGUNLOCK_TEST_FUZZ_H
#define PGUNLOCK_TEST_FUZZ_H

#include <glib.h>
#include <stddef.h>
#include <stdint.h>

/* libFuzzer calls this with one input after the other. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
