/* fuzz_number_code.c - prefix codes of symbol numbers from hostile lengths.
 *
 * Input: 148 lengths, two to a byte, then numbers: u32. A code that is made has a place for every number: it comes back
 * from its bits, whatever follows them. Lengths chosen for counts (the bytes of the input) always make one. */
#include "indexer/base/bytes.h"
#include "indexer/format/number_code.h"
#include "tests/fuzz/fuzz.h"

#define BITS_MAX 39u

static void check_number(const struct number_code *code, uint32_t number) {
    const struct number_bits bits = number_code_encode(code, number);
    if (number >= NUMBER_LIMIT) {
        require(bits.size == 0);
        return;
    }
    require(bits.size > 0 && bits.size <= BITS_MAX && bits.bits >> bits.size == 0);
    for (unsigned behind = 0; behind < 2; behind++) {
        const uint64_t read = bits.bits | (behind ? UINT64_MAX << bits.size : 0);
        const uint16_t entry = code->classes[read & ((1u << NUMBER_PREFIX_MAX) - 1)];
        const unsigned class = entry & NUMBER_CLASS_BITS, size = entry >> NUMBER_SIZE_SHIFT;
        require(class < NUMBER_CLASSES && size == bits.size && code->lengths[class] <= size);
        const uint64_t rest = (read & ((UINT64_C(1) << size) - 1)) >> code->lengths[class];
        require(code->firsts[class] + rest == number);
    }
}

static void check_code(const struct number_code *code, struct byte_reader *numbers) {
    for (unsigned class = 0; class < NUMBER_CLASSES; class ++) {
        check_number(code, code->firsts[class]);
        check_number(code, code->firsts[class] - (class > 0));
    }
    check_number(code, NUMBER_LIMIT - 1);
    check_number(code, NUMBER_LIMIT);
    while (byte_reader_left(numbers) >= sizeof(uint32_t))
        check_number(code, byte_reader_u32(numbers));
}

static void check_chosen(const uint8_t *data, size_t size) {
    static struct number_code code;
    uint64_t counts[256] = {0};
    uint8_t lengths[NUMBER_CLASSES];
    size_t count = size < 256 ? size : 256;
    for (size_t i = 0; i < count; i++)
        counts[i] = (uint64_t)data[i] * data[i] * data[i] * (i + 1);
    number_code_choose(counts, count, lengths);
    require(number_code_make(&code, lengths));
    struct byte_reader numbers = byte_reader_of(data, size);
    check_code(&code, &numbers);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct number_code code;
    uint8_t lengths[NUMBER_CLASSES];
    check_chosen(data, size);
    if (size < NUMBER_CODE_BYTES) return 0;
    for (unsigned i = 0; i < NUMBER_CLASSES; i++)
        lengths[i] = data[i / 2] >> i % 2 * 4 & 15;
    struct byte_reader numbers = byte_reader_of(data + NUMBER_CODE_BYTES, size - NUMBER_CODE_BYTES);
    memset(&code, 0, sizeof code);
    if (number_code_make(&code, lengths))
        check_code(&code, &numbers);
    else
        require(!code.is_made && code.lengths[0] == 0);
    return 0;
}
