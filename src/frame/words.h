/* frame/words.h - names of numbers on the wire, as filters compare and columns show them. */
#pragma once
#include "dfilter/field.h"
