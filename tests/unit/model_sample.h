/* A sound spec for tests, close to the water-dosing scenario. */
#ifndef YW_TEST_MODEL_SAMPLE_H
#define YW_TEST_MODEL_SAMPLE_H

#include "model/spec.h"

struct yw_spec *sample_spec(void); /* *new* */

#endif
