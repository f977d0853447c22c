#include "cli/network_plot.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

#define LEFT 168 /* names of the lanes */
#define RIGHT 24
#define TOP 64
#define LANE_H 112
#define COLUMN_W 104
#define BOX_W 88
#define BOX_H 40
#define BUS_Y 20 /* of a lane: where its line runs */
#define BOX_Y 46
#define FOOT_H 64 /* plants */

struct plot {
    struct yw_buf *out;
    const struct yw_spec *spec;
    int lanes[YW_SPEC_NETWORKS_MAX]; /* networks from the top down, mirrors left out */
    int lane_count;
};

/* "L3.5" -> 3.5; what has no level stands at the top. */
static double level_of(const struct yw_spec_network *network)
{
    return network->zone[0] == 'L' ? strtod(network->zone + 1, NULL) : 9;
}

static void sort_lanes(struct plot *plot)
{
    const struct yw_spec *spec = plot->spec;

    for (size_t n = 0; n < spec->network_count; n++) {
        int at = plot->lane_count;

        if (spec->networks[n].mirror)
            continue;
        while (at > 0 && level_of(&spec->networks[plot->lanes[at - 1]]) <
                             level_of(&spec->networks[n])) {
            plot->lanes[at] = plot->lanes[at - 1];
            at--;
        }
        plot->lanes[at] = (int)n;
        plot->lane_count++;
    }
}

static int lane_of(const struct plot *plot, int network)
{
    const struct yw_spec_network *of = &plot->spec->networks[network];
    int wanted = of->mirror ? of->mirrored : network;

    for (int i = 0; i < plot->lane_count; i++) {
        if (plot->lanes[i] == wanted)
            return i;
    }
    return 0;
}

static int bus_y(int lane)
{
    return TOP + lane * LANE_H + BUS_Y;
}

static void put_escaped(struct yw_buf *out, const char *text)
{
    for (const char *p = text; *p != '\0'; p++) {
        if (*p == '<')
            yw_buf_puts(out, "&lt;");
        else if (*p == '&')
            yw_buf_puts(out, "&amp;");
        else
            yw_buf_put(out, p, 1);
    }
}

static void put_text(struct yw_buf *out, const char *class_name, int x, int y,
                     const char *text)
{
    yw_buf_printf(out, "<text class=\"%s\" x=\"%d\" y=\"%d\">", class_name, x, y);
    put_escaped(out, text);
    yw_buf_puts(out, "</text>\n");
}

static void put_lane(const struct plot *plot, int lane, int width)
{
    const struct yw_spec_network *network = &plot->spec->networks[plot->lanes[lane]];
    char address[16];
    char said[64];
    int y = TOP + lane * LANE_H;

    yw_buf_printf(plot->out,
                  "<rect class=\"lane%d\" x=\"0\" y=\"%d\" width=\"%d\" height=\"%d\"/>\n"
                  "<line class=\"bus\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>\n",
                  lane % 2, y, width, LANE_H, LEFT, y + BUS_Y, width - RIGHT, y + BUS_Y);
    put_text(plot->out, "name", 16, y + 26, network->name);
    yw_spec_address_text(network->address, address);
    (void)yw_copyf(said, sizeof said, "%s/%d", address, network->prefix);
    put_text(plot->out, "small", 16, y + 46, said);
    put_text(plot->out, "small", 16, y + 64, network->zone);
}

/* The lane that a machine's box stands in: the lowest that it has an address on. */
static int home_of(const struct plot *plot, const struct yw_spec_machine *machine)
{
    int home = 0;

    for (size_t i = 0; i < machine->nic_count; i++) {
        int lane = lane_of(plot, machine->nics[i].network);

        if (!plot->spec->networks[machine->nics[i].network].mirror && lane > home)
            home = lane;
    }
    return home;
}

static void put_wire(const struct plot *plot, const struct yw_spec_nic *nic, int x,
                     int box_y)
{
    const struct yw_spec_network *network = &plot->spec->networks[nic->network];
    int bus = bus_y(lane_of(plot, nic->network));
    char host[16];

    yw_buf_printf(plot->out,
                  "<line class=\"%s\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>\n"
                  "<circle class=\"dot\" cx=\"%d\" cy=\"%d\" r=\"3\"/>\n",
                  network->mirror ? "copy" : "wire", x, bus, x,
                  bus > box_y ? box_y + BOX_H : box_y, x, bus);
    if (network->mirror)
        return;
    (void)yw_copyf(host, sizeof host, ".%u", (unsigned)(nic->address & 0xff));
    put_text(plot->out, "tiny", x + 5, bus + 14, host);
}

static void put_machine(const struct plot *plot, int index)
{
    const struct yw_spec_machine *machine = &plot->spec->machines[index];
    int x = LEFT + index * COLUMN_W + COLUMN_W / 2;
    int y = TOP + home_of(plot, machine) * LANE_H + BOX_Y;

    for (size_t i = 0; i < machine->nic_count; i++)
        put_wire(plot, &machine->nics[i], x, y);
    if (machine->plant >= 0)
        yw_buf_printf(plot->out,
                      "<line class=\"field\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>\n",
                      x, y + BOX_H, x, TOP + plot->lane_count * LANE_H + 14);
    yw_buf_printf(plot->out,
                  "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" "
                  "rx=\"4\"/>\n",
                  machine->hidden ? "red" : "box", x - BOX_W / 2, y, BOX_W, BOX_H);
    put_text(plot->out, "mid", x, y + 17, machine->name);
    put_text(plot->out, "midsmall", x, y + 33, machine->image);
}

/* A plant stands below the first machine that is wired to it. */
static void put_plant(const struct plot *plot, int index)
{
    const struct yw_spec *spec = plot->spec;
    int x = LEFT;

    for (size_t m = 0; m < spec->machine_count; m++) {
        if (spec->machines[m].plant == index) {
            x = LEFT + (int)m * COLUMN_W;
            break;
        }
    }
    int y = TOP + plot->lane_count * LANE_H + 14;

    yw_buf_printf(plot->out,
                  "<rect class=\"plant\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"34\" "
                  "rx=\"17\"/>\n",
                  x, y, COLUMN_W + 72);
    char said[2 * YW_NAME_MAX + 8];

    (void)yw_copyf(said, sizeof said, "%s · %s", spec->plants[index].name,
                   spec->plants[index].model);
    put_text(plot->out, "mid", x + (COLUMN_W + 72) / 2, y + 22, said);
}

static void put_head(const struct plot *plot, int width, int height)
{
    yw_buf_printf(plot->out,
                  "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" "
                  "width=\"%d\" height=\"%d\" font-family=\"'Noto Sans CJK SC', "
                  "'Noto Sans', sans-serif\">\n",
                  width, height, width, height);
    yw_buf_puts(plot->out,
                "<style>text{font-size:13px;fill:#26241f}.title{font-size:18px}"
                ".small,.midsmall{font-size:11px;fill:#6b665a}"
                ".tiny{font-size:10px;fill:#6b665a}.name{font-weight:bold}"
                ".mid,.midsmall{text-anchor:middle}"
                ".lane0{fill:#f7f4ec}.lane1{fill:#efeadd}"
                ".bus{stroke:#26241f;stroke-width:3}"
                ".wire{stroke:#26241f}.copy{stroke:#3f7d58;stroke-dasharray:4 3}"
                ".field{stroke:#8a5a19;stroke-width:3}.dot{fill:#26241f}"
                ".box{fill:#fff;stroke:#26241f}"
                ".red{fill:#f6ddd6;stroke:#c8553d;stroke-dasharray:5 3}"
                ".plant{fill:#f0e0bf;stroke:#8a5a19}</style>\n");
    put_text(plot->out, "title", 16, 28, plot->spec->title.zh);
    put_text(plot->out, "small", 16, 48, plot->spec->title.en);
}

void yw_network_plot(struct yw_buf *out, const struct yw_spec *spec)
{
    struct plot plot = {.out = out, .spec = spec};

    sort_lanes(&plot);
    int width = LEFT + (int)spec->machine_count * COLUMN_W + RIGHT;
    int height = TOP + plot.lane_count * LANE_H + FOOT_H;

    put_head(&plot, width < 640 ? 640 : width, height);
    for (int i = 0; i < plot.lane_count; i++)
        put_lane(&plot, i, width < 640 ? 640 : width);
    for (size_t i = 0; i < spec->plant_count; i++)
        put_plant(&plot, (int)i);
    for (size_t i = 0; i < spec->machine_count; i++)
        put_machine(&plot, (int)i);
    yw_buf_puts(out, "</svg>\n");
}
