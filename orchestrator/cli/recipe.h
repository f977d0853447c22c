/* Full images that the installation can build: vm-images/full/NAME/recipe.json
 * (codec/recipe.h), built by vm-images/build-full into the images' folder, where they are
 * kept by the hash of all that went in, and registered in the data directory. Blocking. */
#ifndef YW_CLI_RECIPE_H
#define YW_CLI_RECIPE_H

#include "base/vec.h"
#include "cli/cli.h"
#include "codec/image.h"
#include "codec/recipe.h"
#include "model/spec.h"

#define YW_RECIPES_MAX 64

/* Appends struct yw_recipe in the order of names. A recipe that cannot be read is an
 * error: it is a part of the installation. */
int yw_recipe_list(const struct yw_cli *cli, struct yw_vec *list, struct yw_err *err);
/* yw_image_check_spec with what is registered and what could be built. */
int yw_recipe_check_spec(const struct yw_cli *cli, const struct yw_spec *spec,
                         struct yw_err *err);
/* Builds and registers it unless that is done already, with progress: lines for people on
 * standard error, one JSON object a line on standard output with --json. An interrupted
 * build leaves no half image. YW_EDENIED: not root; YW_ELIMIT: no room; YW_EIO: the error
 * names the step, its last lines went to standard error. */
int yw_recipe_build(const struct yw_cli *cli, const char *name, struct yw_image *ret,
                    struct yw_err *err);
/* Of the images that the scenario's machines are made of, builds those that have a recipe
 * and are not registered. */
int yw_recipe_build_for(const struct yw_cli *cli, const struct yw_spec *spec,
                        struct yw_err *err);

#endif
