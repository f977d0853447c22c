/* Inverse-time over-current relays. IEC 60255-151: t = TMS·k/((I/Ip)^α − 1), definite
 * time above 20·Ip; IEEE C37.112: t = TD·(A/((I/Ip)^p − 1) + B). Pure, any thread. */
#ifndef YW_PLANT_RELAY_H
#define YW_PLANT_RELAY_H

enum yw_relay_curve {
    YW_RELAY_IEC_STANDARD,
    YW_RELAY_IEC_VERY,
    YW_RELAY_IEC_EXTREMELY,
    YW_RELAY_IEC_LONG_TIME,
    YW_RELAY_IEEE_MODERATELY,
    YW_RELAY_IEEE_VERY,
    YW_RELAY_IEEE_EXTREMELY,
    YW_RELAY_CURVES
};

#define YW_RELAY_NEVER 1e9

/* Seconds until it trips at `multiple` = I/Ip; YW_RELAY_NEVER at 1 and below. `setting`
 * is TMS or TD. */
double yw_relay_seconds(enum yw_relay_curve curve, double setting, double multiple);

#endif
