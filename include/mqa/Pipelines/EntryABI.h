#include "mqa/CodeGen/CPU/EntryABI.h" // IWYU pragma: export
