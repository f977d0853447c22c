/* Numbers and times as people read them. Drill times are durations; wall times are shown nowhere
 * without their zone. */
const two = (value) => String(value).padStart(2, '0');

/* 61234 → "1:01"; an hour or more → "1:01:01". */
export function duration(ms) {
    const seconds = Math.max(0, Math.floor(ms / 1000));
    const hours = Math.floor(seconds / 3600);
    const minutes = Math.floor(seconds / 60) % 60;
    return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}`
        : `${two(minutes)}:${two(seconds % 60)}`;
}

/* What is left of a countdown: rounded up, so that 0:00 means over. */
export const countdown = (ms) => duration(Math.ceil(Math.max(0, ms) / 1000) * 1000);

export function number(language, value, digits = 0) {
    return new Intl.NumberFormat(language === 'zh' ? 'zh-CN' : 'en', {
        minimumFractionDigits: digits, maximumFractionDigits: digits,
    }).format(value);
}

export const points = (language, value) => number(language, Math.round(value)).replace('-', '−');

export function signed(language, value) {
    return (value > 0 ? '+' : '') + points(language, value);
}

/* Sizes in powers of two, as the files are made. */
export function bytes(language, value) {
    const units = ['B', 'KiB', 'MiB', 'GiB'];
    const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, value)) / 10));
    const shown = value / 1024 ** power;
    return `${number(language, shown, power > 0 && shown < 100 ? 1 : 0)} ${units[power]}`;
}

export const listOf = (language, items) =>
    new Intl.ListFormat(language === 'zh' ? 'zh-CN' : 'en').format(items);

export const memory = (language, mib) => bytes(language, mib * 1024 ** 2);

/* Few digits where the range is wide, more where it is narrow: columns stay steady. */
export function measure(language, value, low, high) {
    const span = Math.abs(high - low);
    return number(language, value, span >= 1000 ? 0 : span >= 50 ? 1 : 2);
}
