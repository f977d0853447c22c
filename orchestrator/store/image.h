/* The registry of full images: <data>/images/<id>/ holds disk.qcow2, ours alone and never
 * changed, and manifest.json. It stands in store because it is files under the data
 * directory that the command line, the core and the brokers read; nobody needs libvirt
 * for it. A machine names an image by id and nothing else; whoever starts one asks here
 * for the path. The micro images (model/spec.h: yw_spec_micro_image) come with the
 * installation and are not in it. Blocking; any thread. */
#ifndef YW_STORE_IMAGE_H
#define YW_STORE_IMAGE_H

#include "base/vec.h"
#include "codec/image.h"

#define YW_IMAGES_MAX 256 /* registered at one time */
#define YW_IMAGE_PATH_MAX 400

struct yw_image_order {
    const char *file;     /* borrowed, as all below */
    const char *id;       /* a name (base/id.h), not that of a micro image */
    const char *format;   /* "qcow2", "raw" */
    const char *title;    /* NULL: none */
    const char *added_by; /* user name, for the manifest */
    enum yw_image_agent agent;
    int ram_mib;          /* that it needs; 0: what any full machine has */
    const char *recipe;   /* hash of what it was built from; NULL: brought in */
    int64_t now_us;
};
/* Through quarantine (store/quarantine.h) into the registry, whole or not at all.
 * YW_EEXIST: the id is taken. */
int yw_image_add(const char *data_dir, const struct yw_image_order *order,
                 struct yw_image *ret, struct yw_err *err);
/* Facts by id; `path` (of disk.qcow2) when asked. YW_ENOTFOUND names the nearest id;
 * YW_ECORRUPT: manifest or disk is damaged. The disk's bytes are not read. */
int yw_image_find(const char *data_dir, const char *id, struct yw_image *ret,
                  char path[YW_IMAGE_PATH_MAX], struct yw_err *err);
/* Are the disk's bytes those of the manifest? Reads all of them. */
int yw_image_verify(const char *data_dir, const char *id, struct yw_err *err);
/* Appends struct yw_image in the order of ids; one that is damaged is left out. */
int yw_image_list(const char *data_dir, struct yw_vec *list, struct yw_err *err);
int yw_image_remove(const char *data_dir, const char *id, struct yw_err *err);
struct yw_spec;
/* yw_spec_check_images with what is registered here, and `more`: images (struct yw_image)
 * that will be by the time a machine is made of one; NULL none. Then the memory: a machine
 * has what its image needs. */
int yw_image_check_spec(const char *data_dir, const struct yw_vec *more,
                        const struct yw_spec *spec, struct yw_err *err);

#endif
