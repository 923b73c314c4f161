// Programs as GLPK holds them.
#ifndef CGLPK_PROGRAM_H
#define CGLPK_PROGRAM_H

#include <glpk.h>

#include "CGLPKSupport.h"

/// GLPK's copy of a program.
glp_prob *cglpk_build(const cglpk_program *program);

#endif
