#include "drill/range/operation.h"

#include "base/mem.h"
#include "codec/write.h"
#include "controller/backend.h"
#include "controller/rtu.h"
#include "drill/range/role.h"
#include "drill/range/wiring.h"
#include "plant/plant.h"

#include <stdlib.h>
#include <string.h>

struct number {
    const char *unit;
    double low, high, scale, offset;
};

static const struct number raw = {"", 0, UINT16_MAX, 1, 0};

/* Begins an operation and leaves its `takes` open. */
static void begin(struct yw_writer *w, const char *verb, int address, const char *en,
                  const char *zh)
{
    char text[16];

    yw_write_object(w, NULL);
    yw_write_array(w, "argv");
    yw_write_string(w, NULL, "operate");
    yw_write_string(w, NULL, verb);
    if (address >= 0) {
        (void)yw_copyf(text, sizeof text, "%d", address);
        yw_write_string(w, NULL, text);
    }
    yw_write_end(w, ']');
    yw_write_words(w, "says", en, zh);
    yw_write_array(w, "takes");
}

static void end(struct yw_writer *w)
{
    yw_write_end(w, ']');
    yw_write_end(w, '}');
}

static void take_number(struct yw_writer *w, const struct number *number)
{
    yw_write_object(w, NULL);
    yw_write_double(w, "high", number->high);
    yw_write_string(w, "kind", "number");
    yw_write_double(w, "low", number->low);
    yw_write_double(w, "offset", number->offset);
    yw_write_double(w, "scale", number->scale);
    yw_write_string(w, "unit", number->unit);
    yw_write_end(w, '}');
}

static void take_switch(struct yw_writer *w)
{
    yw_write_object(w, NULL);
    yw_write_string(w, "kind", "switch");
    yw_write_end(w, '}');
}

static void put_coil(struct yw_writer *w, int address, const char *en, const char *zh)
{
    begin(w, "coil", address, en, zh);
    take_switch(w);
    end(w);
}

static void put_register(struct yw_writer *w, int address, const char *en, const char *zh,
                         const struct number *number)
{
    begin(w, "register", address, en, zh);
    take_number(w, number);
    end(w);
}

/* ---- a station over a controller ---- */

static bool put_declared(struct yw_writer *w, const struct yw_spec *spec, int machine)
{
    bool any = false;

    for (size_t i = 0; i < spec->control_count; i++) {
        const struct yw_spec_control *control = &spec->controls[i];
        struct number number = {control->unit, control->low, control->high,
                                control->scale, control->offset};

        if (control->machine != machine)
            continue;
        any = true;
        if (number.low == number.high) {
            number.low = -number.offset * number.scale;
            number.high = (UINT16_MAX - number.offset) * number.scale;
        }
        if (control->coil >= 0)
            put_coil(w, control->coil, control->says.en, control->says.zh);
        else
            put_register(w, control->holding, control->says.en, control->says.zh,
                         &number);
    }
    return any;
}

static void put_input(struct yw_writer *w, const struct yw_plant_input *input, bool coil,
                      int address, double scale, double offset)
{
    const struct number number = {input->unit, input->low, input->high, scale, offset};

    if (coil)
        put_coil(w, address, input->title.en, input->title.zh);
    else
        put_register(w, address, input->title.en, input->title.zh, &number);
}

/* What the plant's own table can be set to: a program of its own would not keep to it. */
static void put_mapped(struct yw_writer *w, const struct yw_plant_model *model)
{
    for (size_t i = 0; i < model->input_count; i++) {
        const struct yw_plant_input *input = &model->inputs[i];
        const struct yw_plant_point *at = &input->at;

        if (input->role != YW_PLANT_WORLD &&
            (at->table == YW_PLANT_COIL || at->table == YW_PLANT_HOLDING_REGISTER))
            put_input(w, input, at->table == YW_PLANT_COIL, at->address, at->scale,
                      at->offset);
    }
}

/* What an outstation's masters can command, where its mirror has it. */
static void put_commands(struct yw_writer *w, const struct yw_spec *spec, int outstation,
                         const struct yw_plant_model *model)
{
    struct yw_rtu *rtu = yw_role_outstation(spec, outstation);

    for (uint16_t i = 0; rtu && i < rtu->point_count; i++) {
        const struct yw_rtu_point *point = &rtu->points[i];
        enum yw_rtu_table table = yw_rtu_table(point->shape);

        if (point->of_output && (table == YW_RTU_COIL || table == YW_RTU_HOLDING))
            put_input(w, &model->inputs[point->tag], table == YW_RTU_COIL, point->mirror,
                      point->scale, 0);
    }
    free(rtu);
}

static void put_known(struct yw_writer *w, const struct yw_spec *spec, int controller)
{
    const struct yw_spec_machine *machine = &spec->machines[controller];
    const struct yw_plant_model *model =
        machine->plant < 0 ? NULL
                           : yw_plant_model_find(spec->plants[machine->plant].model);

    if (model && strcmp(machine->image, "rtu") == 0)
        put_commands(w, spec, controller, model);
    else if (model && machine->program[0] == '\0')
        put_mapped(w, model);
}

static void put_hmi(struct yw_writer *w, const struct yw_spec *spec, int machine)
{
    if (!put_declared(w, spec, machine) && spec->machines[machine].serves >= 0)
        put_known(w, spec, spec->machines[machine].serves);
    begin(w, "register", -1, "Any holding register: address and value",
          "任意保持寄存器：地址与值");
    take_number(w, &raw);
    take_number(w, &raw);
    end(w);
    begin(w, "coil", -1, "Any coil: address and value", "任意线圈：地址与值");
    take_number(w, &raw);
    take_switch(w);
    end(w);
}

/* ---- the platform of a fleet ---- */

static void take_car(struct yw_writer *w, int cars)
{
    char vin[YW_VIN_SIZE];

    yw_write_object(w, NULL);
    yw_write_string(w, "kind", "choice");
    yw_write_array(w, "words");
    yw_write_string(w, NULL, "all");
    for (int i = 0; i < cars; i++) {
        yw_vehicle_vin(i, vin);
        yw_write_string(w, NULL, vin);
    }
    yw_write_end(w, ']');
    yw_write_end(w, '}');
}

static void take_release(struct yw_writer *w)
{
    const struct yw_vehicle_release *release;

    yw_write_object(w, NULL);
    yw_write_string(w, "kind", "choice");
    yw_write_array(w, "words");
    for (int i = 0; (release = yw_vehicle_release(i)) != NULL; i++)
        yw_write_string(w, NULL, release->name);
    yw_write_end(w, ']');
    yw_write_end(w, '}');
}

static void put_backend(struct yw_writer *w)
{
    static const char *const orders[][3] = {
        {"lock", "Lock the doors", "锁车门"},
        {"immobilise", "Immobilise once it stands", "停稳后禁止行驶"},
        {"release", "Let it drive again", "解除禁止行驶"}};
    const struct number limit = {"m/s", 0, YW_VEHICLE_LIMIT_MAX, 1, 0};

    for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++) {
        begin(w, orders[i][0], -1, orders[i][1], orders[i][2]);
        take_car(w, YW_VEHICLES_MAX);
        end(w);
    }
    begin(w, "limit", -1, "Limit the speed", "限速");
    take_car(w, YW_VEHICLES_MAX);
    take_number(w, &limit);
    end(w);
    begin(w, "ota", -1, "Update the T-Box to a release", "车载终端升级到版本");
    take_car(w, YW_VEHICLES_MAX);
    take_release(w);
    end(w);
}

void yw_operations_encode(struct yw_buf *out, const struct yw_spec *spec)
{
    struct yw_writer w;

    yw_writer_init(&w, out);
    yw_write_object(&w, NULL);
    yw_write_array(&w, "stations");
    for (size_t i = 0; i < spec->machine_count; i++) {
        const struct yw_spec_machine *machine = &spec->machines[i];
        bool is_hmi = strcmp(machine->image, "hmi") == 0;

        if (machine->hidden || (!is_hmi && strcmp(machine->image, "backend") != 0))
            continue;
        yw_write_object(&w, NULL);
        yw_write_string(&w, "machine", machine->name);
        yw_write_array(&w, "operations");
        if (is_hmi)
            put_hmi(&w, spec, (int)i);
        else
            put_backend(&w);
        yw_write_end(&w, ']');
        yw_write_end(&w, '}');
    }
    yw_write_end(&w, ']');
    yw_write_end(&w, '}');
}
