/* What is done to machines. */
#include "event_sample.h"

#include "base/mem.h"

#include <string.h>

#define DIGEST "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

static void points(enum yw_event_kind kind, struct yw_event *ret)
{
    if (kind == YW_EVENT_QUOTA_SET)
        ret->quota_set = (struct yw_ev_quota_set){.what = "resets", .count = 3};
    else if (kind == YW_EVENT_RESET_ORDERED)
        ret->reset_ordered = (struct yw_ev_reset_ordered){
            .reset = 2, .machine = "plc1", .point = "start", .counted = true};
    else if (kind == YW_EVENT_RESET_ENDED)
        ret->reset_ended = (struct yw_ev_reset_ended){
            .reset = 2, .machine = "plc1", .point = "start", .ok = true, .span_ms = 212};
    else if (kind == YW_EVENT_CHECKPOINT_ORDERED)
        ret->checkpoint_ordered = (struct yw_ev_checkpoint_ordered){
            .checkpoint = 3, .label = "before-the-rule", .point = "c3"};
    else if (kind == YW_EVENT_CHECKPOINT_ENDED)
        ret->checkpoint_ended =
            (struct yw_ev_checkpoint_ended){.checkpoint = 3,
                                            .label = "before-the-rule",
                                            .ok = true,
                                            .frozen_ms = 640,
                                            .bytes = 201326592};
    else if (kind == YW_EVENT_CHECKPOINT_RESTORED)
        ret->checkpoint_restored =
            (struct yw_ev_checkpoint_restored){.checkpoint = 3,
                                               .label = "before-the-rule",
                                               .ok = true,
                                               .back_ms = 640000,
                                               .span_ms = 900};
    else if (kind == YW_EVENT_CHECKPOINT_DROPPED)
        ret->checkpoint_dropped = (struct yw_ev_checkpoint_dropped){
            .checkpoint = 3, .label = "before-the-rule", .ok = true};
    else if (kind == YW_EVENT_DRILL_FORKED)
        ret->drill_forked = (struct yw_ev_drill_forked){.from = "water-dosing-5c0f1e",
                                                        .seq = 118,
                                                        .hash = DIGEST,
                                                        .checkpoint = 3,
                                                        .label = "before-the-rule",
                                                        .point = "c3",
                                                        .macs_of = "water-dosing-5c0f1e"};
    else
        ret->checkpoint_ref =
            (struct yw_ev_checkpoint_ref){.checkpoint = 3, .label = "before-the-rule"};
}

static void stops(enum yw_event_kind kind, struct yw_event *ret)
{
    if (kind == YW_EVENT_EVIDENCE_ORDERED)
        ret->evidence_ordered = (struct yw_ev_evidence_ordered){
            .evidence = 1, .machine = "plc1", .reason = "留证"};
    else if (kind == YW_EVENT_EVIDENCE_KEPT)
        ret->evidence_kept =
            (struct yw_ev_evidence_kept){.evidence = 1,
                                         .machine = "plc1",
                                         .collector = "control",
                                         .ok = true,
                                         .file = "drills/water-dosing-5c0f1e/evidence/1",
                                         .hash = "{\"files\":[]}",
                                         .bytes = 33554432};
    else if (kind == YW_EVENT_STOP_ORDERED)
        YW_COPY(ret->stop_ordered.reason, "误连生产网");
    else if (kind == YW_EVENT_THAW_ORDERED)
        YW_COPY(ret->thaw_ordered.reason, "checked");
    else
        ret->stop_ended = (struct yw_ev_stop_ended){
            .ok = true, .span_ms = 310, .machines = 60, .forced = 1};
}

void event_sample_range(enum yw_event_kind kind, struct yw_event *ret)
{
    if (kind == YW_EVENT_CAPTURE_ORDERED)
        ret->capture_ordered = (struct yw_ev_capture_ordered){.capture = 2,
                                                              .network = "control",
                                                              .on = true,
                                                              .size_mib = 16,
                                                              .files = 8,
                                                              .reason = "broker"};
    else if (kind == YW_EVENT_CAPTURE_CHANGED)
        ret->capture_changed = (struct yw_ev_capture_changed){.capture = 2,
                                                              .network = "control",
                                                              .ok = true,
                                                              .files = 3,
                                                              .bytes = 40960,
                                                              .detail = "磁盘不足"};
    else if (kind < YW_EVENT_EVIDENCE_ORDERED)
        points(kind, ret);
    else if (kind < YW_EVENT_EXEC_ORDERED)
        stops(kind, ret);
    else if (kind == YW_EVENT_EXEC_ORDERED)
        ret->exec_ordered = (struct yw_ev_exec_ordered){
            .action = 4, .machine = "plc1", .request = 7, .argv = "echo 'a b'"};
    else if (kind == YW_EVENT_EXEC_ENDED)
        ret->exec_ended = (struct yw_ev_exec_ended){
            .action = 4, .machine = "plc1", .ok = true, .output = "a b\n"};
    else if (kind == YW_EVENT_FILE_ORDERED)
        ret->file_ordered = (struct yw_ev_file_ordered){.file = 1,
                                                        .machine = "hmi1",
                                                        .put = true,
                                                        .path = "/tmp/rules",
                                                        .bytes = 12,
                                                        .hash = DIGEST};
    else if (kind == YW_EVENT_FILE_MOVED)
        ret->file_moved = (struct yw_ev_file_moved){.file = 1,
                                                    .machine = "hmi1",
                                                    .put = true,
                                                    .path = "/tmp/rules",
                                                    .bytes = 12,
                                                    .hash = DIGEST,
                                                    .ok = true};
    else
        ret->reconciled = (struct yw_ev_reconciled){.object = "machine",
                                                    .name = "yw-5c0f1e-0-plc1",
                                                    .action = "removed",
                                                    .detail = "of an archived drill"};
}
