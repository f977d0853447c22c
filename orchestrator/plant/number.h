/* Elementary functions that give the same bits on every machine. libm picks exp, log, pow
 * and sin by what the processor offers (with and without fused multiply-add), so their
 * last bit moves between hosts; these are sums, products and square roots only, which
 * IEEE 754 fixes, in a room compiled without contraction. Within 4e-16 of the true value
 * near 1, 1e-14 over the ranges that the models use. Pure, any thread. */
#ifndef YW_PLANT_NUMBER_H
#define YW_PLANT_NUMBER_H

#include <stdint.h>
#include <string.h>

#define YW_PI 3.14159265358979323846
#define YW_LN2_HIGH 6.93147180369123816490e-01 /* 32 bits: k · this is exact */
#define YW_LN2_LOW 1.90821492927058770002e-10

static inline double yw_clamp(double value, double low, double high)
{
    return value < low ? low : value > high ? high : value;
}

static inline double yw_magnitude(double value)
{
    return value < 0 ? -value : value;
}

/* value ≥ 0; negative gives 0, so that no rounding makes a NaN. */
static inline double yw_root(double value)
{
    return value > 0 ? __builtin_sqrt(value) : 0;
}

static inline double yw_two_to(int power)
{
    uint64_t bits = (uint64_t)(power + 1023) << 52;
    double result;

    memcpy(&result, &bits, sizeof result);
    return result;
}

/* e^x; x is held within ±700. */
static inline double yw_exp(double x)
{
    double at = yw_clamp(x, -700, 700);
    int k = (int)(at * 1.44269504088896340736 + (at < 0 ? -0.5 : 0.5));
    double r = at - k * YW_LN2_HIGH - k * YW_LN2_LOW;
    double sum = 1;

    for (int n = 14; n > 0; n--)
        sum = 1 + sum * r / n;
    return sum * yw_two_to(k);
}

/* ln x for a normal x > 0; anything less counts as 1e-300. */
static inline double yw_log(double x)
{
    double at = x < 1e-300 ? 1e-300 : x;
    uint64_t bits;
    double m, s, s2, sum = 0;
    int k;

    memcpy(&bits, &at, sizeof bits);
    k = (int)(bits >> 52) - 1023;
    bits = (bits & 0xfffffffffffffU) | (uint64_t)1023 << 52;
    memcpy(&m, &bits, sizeof m);
    if (m > 1.41421356237309504880) {
        m /= 2;
        k++;
    }
    s = (m - 1) / (m + 1);
    s2 = s * s;
    for (int n = 21; n > 1; n -= 2)
        sum = (sum + 1.0 / n) * s2;
    return k * YW_LN2_HIGH + (2 * s * (1 + sum) + k * YW_LN2_LOW);
}

/* x^y for x ≥ 0; 0^y is 0. */
static inline double yw_pow(double x, double y)
{
    return x > 0 ? yw_exp(y * yw_log(x)) : 0;
}

/* The turn of x that lies in [−π, π]; |x| below 1e9. */
static inline double yw_turn(double x)
{
    double turns = x / (2 * YW_PI);
    int64_t whole = (int64_t)(turns + (turns < 0 ? -0.5 : 0.5));

    return x - (double)whole * (2 * YW_PI);
}

static inline double yw_sin(double x)
{
    double at = yw_turn(x);
    double sum = 1;

    if (at > YW_PI / 2)
        at = YW_PI - at;
    else if (at < -YW_PI / 2)
        at = -YW_PI - at;
    for (int n = 20; n > 0; n -= 2)
        sum = 1 - sum * at * at / (n * (n + 1));
    return at * sum;
}

#endif
