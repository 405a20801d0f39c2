"""lit configuration of the mqa test suite; docs/Testing.md explains it."""

import os
import platform
import shutil
import subprocess

import lit.formats
from lit.llvm import llvm_config
from lit.llvm.subst import ToolSubst

config.name = "MQA"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test"]
config.excludes = ["Inputs", "lib", "mutate", "python"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.mqa_obj_root, "test")


def host_cpu_flags():
    """The feature flags of this machine's processor."""
    try:
        with open("/proc/cpuinfo") as info:
            for line in info:
                if line.startswith("flags"):
                    return set(line.split(":", 1)[1].split())
    except OSError:
        pass
    return set()


# Features: what the build or the machine can do. REQUIRES: names them.
flags = host_cpu_flags()
if platform.machine() == "x86_64":
    config.available_features.add("x86_64")
if {"avx2", "fma", "f16c", "bmi2"} <= flags:
    config.available_features.add("avx2")
if {"avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512cd"} <= flags:
    config.available_features.add("avx512")
if "avx512_bf16" in flags:
    config.available_features.add("avx512bf16")
if os.path.exists("/dev/nvidia0"):
    config.available_features.add("cuda")
if config.mqa_sanitizer:
    config.available_features.add("asan")
    # ASan's one false positive: storage of attributes in LLVM's allocator.
    config.environment["ASAN_OPTIONS"] = "allow_user_poisoning=0"
llc = os.path.join(config.llvm_tools_dir, "llc")
if os.path.exists(llc):
    targets = subprocess.run([llc, "--version"], capture_output=True, text=True)
    if "aarch64 " in targets.stdout:
        config.available_features.add("aarch64-codegen")
if shutil.which("qemu-aarch64") and shutil.which("aarch64-linux-gnu-gcc"):
    config.available_features.add("qemu-aarch64")
for tool in ("ptxas", "nvdisasm"):
    if shutil.which(tool):
        config.available_features.add(tool)
mlir_opt = os.path.join(config.llvm_tools_dir, "mlir-opt")
if os.path.exists(mlir_opt):
    config.available_features.add("mlir-opt")
plugin = os.path.join(config.mqa_lib_dir, "MQAPlugin.so")
if os.path.exists(plugin) and not config.mqa_sanitizer:
    config.available_features.add("plugin")

# The environment: lit starts each test with an empty one.
llvm_config.with_system_environment(
    ["HOME", "TMP", "TEMP", "LLVM_PROFILE_FILE", "UBSAN_OPTIONS", "LSAN_OPTIONS"]
    + ["MQA_NUM_THREADS", "CCACHE_DIR", "CCACHE_SLOPPINESS"]
)
llvm_config.with_environment("FILECHECK_OPTS", "-enable-var-scope")
llvm_config.with_environment(
    "PYTHONPATH", os.path.join(config.mqa_src_root, "python")
)
llvm_config.with_environment("PYTHONDONTWRITEBYTECODE", "1")
llvm_config.with_environment("MQA_TOOLS_DIR", config.mqa_tools_dir)
llvm_config.with_environment("PATH", config.llvm_tools_dir, append_path=True)
llvm_config.with_environment("PATH", config.mqa_tools_dir, append_path=True)

# Tools. With MQA_VERIFY_ROUNDTRIP=1 every mqa-opt of the suite also prints and
# parses again what it reads, as text and as bytecode.
roundtrip = os.environ.get("MQA_VERIFY_ROUNDTRIP", "") not in ("", "0")
opt_flags = ["--verify-roundtrip"] if roundtrip else []
if roundtrip:
    config.available_features.add("roundtrip")
llvm_config.add_tool_substitutions(
    [
        ToolSubst("mqa-opt", extra_args=opt_flags, unresolved="fatal"),
        ToolSubst("mqa-compile", unresolved="ignore"),
        ToolSubst("mqa-run", unresolved="ignore"),
        ToolSubst("mqa-tune", unresolved="ignore"),
        ToolSubst("mqa-reduce", unresolved="ignore"),
        ToolSubst("mqa-lsp-server", unresolved="ignore"),
        "FileCheck",
        "not",
        "split-file",
        "llvm-objdump",
        "llvm-nm",
    ],
    [config.mqa_tools_dir, config.llvm_tools_dir],
)
config.substitutions += [
    ("%python", config.python_executable),
    ("%cc", config.host_cc),
    ("%cxx", config.host_cxx),
    ("%cmake", config.mqa_cmake),
    ("%mlir_opt", mlir_opt),
    ("%plugin", plugin),
    ("%build", config.mqa_obj_root),
    ("%src", config.mqa_src_root),
    ("%examples", os.path.join(config.mqa_src_root, "examples")),
]

try:  # A time-out per test needs psutil.
    import psutil  # noqa: F401

    lit_config.maxIndividualTestTime = 900
except ImportError:
    pass
