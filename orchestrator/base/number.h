/* Numbers as text. Thread: any; the locale is "C". */
#ifndef YW_BASE_NUMBER_H
#define YW_BASE_NUMBER_H

#define YW_NUMBER_SIZE 40

/* The decimal text, as "%g" writes it, that reads back as the same double, of the fewest digits
 * but no fewer than `least` (1 to 17; trailing zeros are left out). 15 is fast, and as short as 1
 * but for numbers below DBL_MIN. `number` is finite. Returns how many digits it took. */
int yw_number_text(double number, int least, char ret[YW_NUMBER_SIZE]);

#endif
