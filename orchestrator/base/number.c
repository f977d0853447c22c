#include "base/number.h"

#include <stdio.h>
#include <stdlib.h>

#define DIGITS_EXACT 17 /* that many always read back the same (IEEE 754, binary64) */

int yw_number_text(double number, int least, char ret[YW_NUMBER_SIZE])
{
    for (int digits = least;; digits++) {
        (void)snprintf(ret, YW_NUMBER_SIZE, "%.*g", digits, number);
        if (digits >= DIGITS_EXACT || strtod(ret, NULL) == number)
            return digits;
    }
}
