#include "plant/relay.h"

#include "plant/number.h"

#define DEFINITE_ABOVE 20.0

static const struct {
    double factor, power, offset;
} curves[YW_RELAY_CURVES] = {
    [YW_RELAY_IEC_STANDARD] = {0.14, 0.02, 0},
    [YW_RELAY_IEC_VERY] = {13.5, 1, 0},
    [YW_RELAY_IEC_EXTREMELY] = {80, 2, 0},
    [YW_RELAY_IEC_LONG_TIME] = {120, 1, 0},
    [YW_RELAY_IEEE_MODERATELY] = {0.0515, 0.02, 0.1140},
    [YW_RELAY_IEEE_VERY] = {19.61, 2, 0.4910},
    [YW_RELAY_IEEE_EXTREMELY] = {28.2, 2, 0.1217},
};

double yw_relay_seconds(enum yw_relay_curve curve, double setting, double multiple)
{
    double at = multiple > DEFINITE_ABOVE ? DEFINITE_ABOVE : multiple;
    double over = at > 1 ? yw_pow(at, curves[curve].power) - 1 : 0;

    if (over <= 1e-9)
        return YW_RELAY_NEVER;
    return setting * (curves[curve].factor / over + curves[curve].offset);
}
