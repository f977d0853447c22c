#include "controller/vehicle.h"

#include "controller/conf.h"

#include <stdio.h>
#include <string.h>

#define VIN_HEAD "LYWFLEET0260000"

static const struct yw_vehicle_release releases[] = {
    {"2.3.1", false, false},
    {"2.4.0", true, false},
    {"2.4.2", true, true},
};

#define RELEASES ((int)(sizeof(releases) / sizeof(releases[0])))

const struct yw_vehicle_release *yw_vehicle_release(int index)
{
    return index >= 0 && index < RELEASES ? &releases[index] : NULL;
}

int yw_vehicle_release_find(const char *name)
{
    for (int i = 0; i < RELEASES; i++) {
        if (strcmp(releases[i].name, name) == 0)
            return i;
    }
    return -1;
}

void yw_vehicle_vin(int index, char ret[YW_VIN_SIZE])
{
    (void)snprintf(ret, YW_VIN_SIZE, VIN_HEAD "%02u", (unsigned)(index + 1) % 100);
}

int yw_vehicle_find(const char *vin)
{
    char own[YW_VIN_SIZE];
    for (int i = 0; i < YW_VEHICLES_MAX; i++) {
        yw_vehicle_vin(i, own);
        if (strcmp(own, vin) == 0)
            return i;
    }
    return -1;
}

void yw_vehicle_topic(int index, const char *leaf, char ret[YW_MQTT_TOPIC_MAX])
{
    char vin[YW_VIN_SIZE];
    yw_vehicle_vin(index, vin);
    (void)snprintf(ret, YW_MQTT_TOPIC_MAX, "fleet/%s/%s", vin, leaf);
}

int yw_vehicle_of(const char *topic, const char *leaf)
{
    char vin[YW_VIN_SIZE] = "";
    char rest[YW_VEHICLE_WORD_MAX] = "";
    if (sscanf(topic, "fleet/%17[^/]/%23s", vin, rest) != 2 || strcmp(rest, leaf) != 0)
        return -1;
    return yw_vehicle_find(vin);
}

/* ---- flat JSON ---- */

static const char *skip(const char *at)
{
    return at + strspn(at, " \t\r\n");
}

/* A string or a bare word at `at`: its text and size; NULL: neither, else what follows. */
static const char *token(const char *at, const char **ret_text, size_t *ret_size)
{
    bool quoted = *at == '"';
    *ret_text = at + quoted;
    *ret_size = strcspn(*ret_text, quoted ? "\"\\" : ",:{}[]\" \t\r\n");
    if (quoted && (*ret_text)[*ret_size] != '"')
        return NULL;
    if (!quoted && *ret_size == 0)
        return NULL;
    return skip(*ret_text + *ret_size + quoted);
}

bool yw_vehicle_value(const char *json, const char *name, char *ret, size_t ret_size)
{
    const char *at = skip(json);
    const char *text = NULL;
    size_t size = 0;
    bool found = false;
    if (*at != '{')
        return false;
    do {
        at = token(skip(at + 1), &text, &size);
        if (at == NULL || *at != ':')
            return false;
        bool wanted = size == strlen(name) && memcmp(text, name, size) == 0;
        at = token(skip(at + 1), &text, &size);
        if (at == NULL || (wanted && (found || size >= ret_size)))
            return false;
        if (wanted) {
            memcpy(ret, text, size);
            ret[size] = '\0';
            found = true;
        }
    } while (*at == ',');
    return found && *at == '}' && *skip(at + 1) == '\0';
}

bool yw_vehicle_number(const char *json, const char *name, double *ret)
{
    char word[YW_VEHICLE_WORD_MAX];
    return yw_vehicle_value(json, name, word, sizeof(word)) &&
           yw_conf_number(word, -1e9, 1e9, ret);
}

static bool read_sign(const char *json, uint64_t *ret)
{
    char word[17];
    *ret = 0;
    if (!yw_vehicle_value(json, "sign", word, sizeof(word)))
        return false;
    for (const char *at = word; *at != '\0'; at++) {
        const char *digit = strchr("0123456789abcdef", *at);
        if (digit == NULL)
            return false;
        *ret = *ret << 4 | (uint64_t)(digit - "0123456789abcdef");
    }
    return true;
}

/* A name or a value has letters, digits and dots: it goes into telemetry again. */
static bool is_word(const char *text)
{
    size_t size = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789.");
    return size > 0 && text[size] == '\0';
}

bool yw_vehicle_read(const char *json, struct yw_vehicle_command *ret)
{
    double id = 0;
    memset(ret, 0, sizeof(*ret));
    if (!yw_vehicle_value(json, "command", ret->name, sizeof(ret->name)) ||
        !yw_vehicle_value(json, "value", ret->value, sizeof(ret->value)) ||
        !is_word(ret->name) || !is_word(ret->value))
        return false;
    if (yw_vehicle_number(json, "id", &id) && id >= 0)
        ret->id = (uint32_t)id;
    if (!read_sign(json, &ret->sign))
        ret->sign = 0;
    return true;
}

void yw_vehicle_write(const struct yw_vehicle_command *command,
                      char ret[YW_MQTT_TEXT_MAX])
{
    (void)snprintf(
        ret, YW_MQTT_TEXT_MAX,
        "{\"command\":\"%s\",\"value\":\"%s\",\"id\":%lu,\"sign\":\"%016llx\"}",
        command->name, command->value, (unsigned long)command->id,
        (unsigned long long)command->sign);
}

/* ---- the sign ---- */

struct sip {
    uint64_t v[4];
};

static uint64_t turned(uint64_t x, int by)
{
    return x << by | x >> (64 - by);
}

static void round_sip(struct sip *s)
{
    s->v[0] += s->v[1];
    s->v[1] = turned(s->v[1], 13) ^ s->v[0];
    s->v[0] = turned(s->v[0], 32);
    s->v[2] += s->v[3];
    s->v[3] = turned(s->v[3], 16) ^ s->v[2];
    s->v[0] += s->v[3];
    s->v[3] = turned(s->v[3], 21) ^ s->v[0];
    s->v[2] += s->v[1];
    s->v[1] = turned(s->v[1], 17) ^ s->v[2];
    s->v[2] = turned(s->v[2], 32);
}

static uint64_t word_of(const uint8_t *bytes, size_t size)
{
    uint64_t word = 0;
    for (size_t i = 0; i < size && i < 8; i++)
        word |= (uint64_t)bytes[i] << 8 * i;
    return word;
}

static uint64_t sip_hash(const uint8_t key[16], const uint8_t *bytes, size_t size)
{
    uint64_t k0 = word_of(key, 8);
    uint64_t k1 = word_of(key + 8, 8);
    struct sip s = {{k0 ^ 0x736f6d6570736575u, k1 ^ 0x646f72616e646f6du,
                     k0 ^ 0x6c7967656e657261u, k1 ^ 0x7465646279746573u}};
    for (size_t at = 0; at <= size; at += 8) {
        bool last = size - at < 8;
        uint64_t word = word_of(bytes + at, last ? size - at : 8);
        if (last)
            word |= (uint64_t)(size & 0xff) << 56;
        s.v[3] ^= word;
        round_sip(&s);
        round_sip(&s);
        s.v[0] ^= word;
    }
    s.v[2] ^= 0xff;
    for (int i = 0; i < 4; i++)
        round_sip(&s);
    return s.v[0] ^ s.v[1] ^ s.v[2] ^ s.v[3];
}

uint64_t yw_vehicle_sign(const char *key, int index,
                         const struct yw_vehicle_command *command)
{
    uint8_t secret[16] = {0};
    char text[YW_VIN_SIZE + 2 * YW_VEHICLE_WORD_MAX + 16];
    char vin[YW_VIN_SIZE];
    size_t size = strlen(key);
    memcpy(secret, key, size < sizeof(secret) ? size : sizeof(secret));
    yw_vehicle_vin(index, vin);
    int length = snprintf(text, sizeof(text), "%s %s %s %lu", vin, command->name,
                          command->value, (unsigned long)command->id);
    uint64_t sign = sip_hash(secret, (const uint8_t *)text, (size_t)length);
    return sign == 0 ? 1 : sign;
}
