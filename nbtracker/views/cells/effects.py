"""What is known of calls: which draw random numbers, touch files, or leave everything alone.

Whatever is not listed here may change all it is given.
"""

import builtins
from dataclasses import dataclass

# State that no name of the user's stands for. None of these is an identifier.
FILES, PROCESS, OUTPUTS, RUN = "files", "the process", "earlier outputs", "the open run"
EXTENSIONS = "extensions of the shell"  # to load one again changes nothing
RANDOM_PREFIX = "random numbers of "
LIBRARIES = ("random", "numpy", "torch", "tensorflow")

OPAQUE_BUILTINS = frozenset({"exec", "eval", "globals", "locals", "vars", "__import__"})
CHANGING_BUILTINS = frozenset({"setattr", "delattr", "next"})
BUILTINS = frozenset(dir(builtins)) | {
    "get_ipython", "display", "In", "Out", "exit", "quit", "open", "__name__", "__doc__",
    "__builtin__", "__builtins__", "__file__", "__package__", "__loader__", "__spec__",
    "__annotations__", "__vsc_ipynb_file__", "_ih", "_oh", "_dh", "_exit_code",
}  # fmt: skip
ITERATORS = frozenset({"iter", "map", "filter", "zip", "enumerate", "reversed", "open"})

# Calls into these change nothing that they are given, the exceptions below aside.
_READING = (
    "numpy", "pandas", "polars", "matplotlib", "seaborn", "plotly", "math", "cmath", "json",
    "statistics", "itertools", "functools", "operator", "os", "time", "datetime", "re", "pprint",
    "string", "textwrap", "IPython", "nbtracker", "pathlib", "collections", "copy", "sklearn",
    "scipy", "typing", "dataclasses", "hashlib", "base64", "io", "csv", "glob", "platform",
    "random", "tqdm", "fractions", "decimal", "enum", "sys", "pickle", "uuid", "gc", "warnings",
    "logging", "builtins", "shutil", "tempfile", "joblib", "contextlib", "urllib", "requests",
)  # fmt: skip
_CHANGES_FIRST = frozenset(
    {
        "random.shuffle", "numpy.random.shuffle", "numpy.copyto", "numpy.put", "numpy.place",
        "numpy.putmask", "numpy.fill_diagonal", "numpy.add.at", "numpy.subtract.at",
        "numpy.put_along_axis", "json.dump", "pickle.dump", "pickle.load", "csv.reader",
        "csv.writer", "functools.reduce", "itertools.islice", "operator.setitem",
        "operator.iadd", "operator.delitem", "collections.deque", "builtins.next",
    }
)  # fmt: skip
PURE_METHODS = frozenset(
    "head tail describe info copy mean std var sum min max median mode quantile corr cov nunique "
    "unique value_counts groupby agg aggregate isna isnull notna notnull dropna fillna astype "
    "merge join concat pivot pivot_table melt query assign items keys values get index count "
    "split rsplit splitlines strip lstrip rstrip lower upper title startswith endswith format "
    "replace encode decode find rfind tolist to_list to_dict to_numpy to_frame reset_index "
    "set_index sort_values sort_index rename drop drop_duplicates reshape ravel flatten transpose "
    "dot round abs all any argmax argmin argsort cumsum cumprod prod item predict predict_proba "
    "score decision_function transform inverse_transform union intersection difference issubset "
    "issuperset isdigit isalpha isnumeric zfill hexdigest digest most_common plot hist bar "
    "scatter show savefig clip diff shift rolling iterrows itertuples map apply select filter "
    "with_columns is_integer bit_length as_integer_ratio log get_params exists is_file is_dir "
    "resolve absolute iterdir stem total_seconds isoformat strftime timestamp date".split()
)  # fmt: skip
# Their result shares nothing with what they were called on.
FRESH_METHODS = frozenset(
    "mean std var sum min max median copy describe nunique count format join lower upper strip "
    "tolist to_list item round all any argmax argmin argsort score predict predict_proba "
    "hexdigest digest isna isnull encode decode startswith endswith replace astype corr cov "
    "total_seconds isoformat strftime prod cumsum dot index find split".split()
)
_LOGGED = frozenset({"log"})
_BEGINS_RUN = frozenset({"nbtracker.init", "wandb.init"})
_SAMPLING_METHODS = frozenset("fit fit_transform fit_predict partial_fit sample shuffle".split())
_NAMED_SEEDS = frozenset({"seed_everything", "set_seed", "set_random_seed", "seed_all"})
_SEEDS = {
    "random.seed": "random", "random.setstate": "random",
    "numpy.random.seed": "numpy", "numpy.random.set_state": "numpy",
    "torch.manual_seed": "torch", "torch.random.manual_seed": "torch",
    "torch.set_rng_state": "torch", "tensorflow.random.set_seed": "tensorflow",
}  # fmt: skip
# Generators of their own: what they draw depends on nothing else.
_OWN_GENERATORS = frozenset(
    "numpy.random.default_rng numpy.random.RandomState numpy.random.Generator "
    "numpy.random.SeedSequence numpy.random.PCG64 numpy.random.get_state random.Random "
    "random.getstate random.SystemRandom".split()
)
# Of these, those that begin anywhere if they are given nothing.
GENERATORS = {
    "numpy.random.default_rng": "numpy", "numpy.random.RandomState": "numpy",
    "random.Random": "random",
}  # fmt: skip
_SKLEARN_SAMPLERS = frozenset(
    "train_test_split shuffle resample cross_val_score cross_validate cross_val_predict "
    "permutation_importance make_classification make_regression make_blobs make_moons "
    "make_circles learning_curve validation_curve".split()
)
_PROCESS = (
    "os.chdir", "os.environ", "os.putenv", "os.unsetenv", "sys.path", "sys.setrecursionlimit",
    "warnings.filterwarnings", "warnings.simplefilter", "numpy.seterr", "numpy.set_printoptions",
    "pandas.set_option", "pandas.options", "matplotlib.use", "matplotlib.rcParams",
    "matplotlib.pyplot.rcParams", "matplotlib.style", "torch.set_default_dtype",
    "torch.set_default_device", "torch.set_num_threads", "torch.use_deterministic_algorithms",
    "torch.backends", "tensorflow.config", "locale.setlocale", "logging.basicConfig",
    "importlib.reload", "decimal.getcontext", "decimal.setcontext", "sklearn.set_config",
    "seaborn.set_theme", "seaborn.set_style", "sys.modules", "numpy.setbufsize",
)  # fmt: skip
_WRITES_FILES = (
    "numpy.save", "torch.save", "json.dump", "pickle.dump", "joblib.dump", "os.makedirs",
    "os.mkdir", "os.remove", "os.rename", "os.replace", "os.system", "os.unlink", "shutil.",
    "subprocess.", "urllib.request.urlretrieve", "tempfile.", "os.popen",
)  # fmt: skip
_FILE_METHODS = frozenset(
    "write_text write_bytes write writelines mkdir unlink touch rename savefig save extractall "
    "save_pretrained save_model urlretrieve download to_csv to_parquet to_json to_pickle "
    "to_excel to_feather to_hdf to_sql write_csv write_parquet write_json".split()
)
_READS_FILES = (
    "pandas.read_", "polars.read_", "polars.scan_", "numpy.load", "numpy.genfromtxt",
    "torch.load", "json.load", "pickle.load", "joblib.load", "os.listdir", "os.path", "os.walk",
    "glob.", "os.scandir", "sklearn.datasets.load_files",
)  # fmt: skip
_READ_METHODS = frozenset("read_text read_bytes read readline readlines exists iterdir".split())
_BACKGROUND = (
    "threading.Thread", "threading.Timer", "multiprocessing", "concurrent.futures",
    "asyncio.create_task", "asyncio.ensure_future", "subprocess.Popen",
)  # fmt: skip


@dataclass(frozen=True)
class Effect:
    """What a call may do, beside giving a value.

    Attributes:
        touches: It may change its arguments.
        touches_own: It may change what it is called on.
        samples: Libraries whose random numbers it draws.
        seeds: Libraries whose random numbers it makes the same each time.
        changes: Hidden state that it changes.
        uses: Hidden state that it depends on.
        background: It may go on when the cell is over.
    """

    touches: bool = True
    touches_own: bool = True
    samples: tuple[str, ...] = ()
    seeds: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    background: bool = False


def random_numbers(library: str) -> str:
    """Name the state of a library's random numbers."""
    return RANDOM_PREFIX + library


def effect_of(dotted: str | None, method: str, keywords: frozenset[str]) -> Effect:
    """Say what a call may do.

    Args:
        dotted: Where the function comes from, such as "numpy.random.seed"; None if it is not
            known to come from a module.
        method: The last word of what is called.
        keywords: Names of the keyword arguments.
    """
    inplace = bool(keywords & {"inplace", "out"})
    seeds, samples = _seeds(dotted, method), _samples(dotted, method)
    if seeds:
        samples = ()
    if keywords & {"random_state", "rng"} and method not in _SAMPLING_METHODS:
        samples = ()
    writes, reads = _files(dotted, method)
    changes = [*writes, *([PROCESS] if dotted and dotted.startswith(_PROCESS) else [])]
    changes += [RUN] if dotted in _BEGINS_RUN else []
    reading = dotted is not None and _is_under(dotted, _READING)
    touches = inplace or not (reading or (dotted is None and method in PURE_METHODS))
    if dotted in _CHANGES_FIRST or (reading and method in _SAMPLING_METHODS):
        touches = True
    own = inplace or (dotted is None and method not in PURE_METHODS)
    own = own or (dotted is not None and not reading)
    return Effect(
        touches, own, samples, seeds, tuple(changes), tuple(reads),
        dotted is not None and dotted.startswith(_BACKGROUND),
    )  # fmt: skip


def is_log(method: str, dotted: str | None) -> bool:
    """Whether a call may record a row."""
    return method in _LOGGED and (dotted is None or _is_under(dotted, ("nbtracker",)))


def changes_process(dotted: str) -> bool:
    """Whether setting this changes the process, as `os.environ[...] =` does."""
    return dotted.startswith(_PROCESS)


def _seeds(dotted: str | None, method: str) -> tuple[str, ...]:
    if method in _NAMED_SEEDS and not (dotted or "").startswith("tensorflow.random"):
        return LIBRARIES
    if dotted is None:
        return ()
    if dotted.startswith("torch.cuda.manual_seed"):
        return ("torch",)
    return (_SEEDS[dotted],) if dotted in _SEEDS else ()


def _samples(dotted: str | None, method: str) -> tuple[str, ...]:
    if dotted is None:
        return ("numpy",) if method in _SAMPLING_METHODS else ()
    if dotted in _OWN_GENERATORS:
        return ()
    for prefix, library in (("random.", "random"), ("numpy.random.", "numpy")):
        if dotted.startswith(prefix):
            return (library,)
    if _is_under(dotted, ("torch", "tensorflow", "keras")):
        return ("torch",) if dotted.startswith("torch") else ("tensorflow",)
    known = _SKLEARN_SAMPLERS | _SAMPLING_METHODS
    return ("numpy",) if dotted.startswith(("sklearn.", "scipy.")) and method in known else ()


def _files(dotted: str | None, method: str) -> tuple[list[str], list[str]]:
    writes = method in _FILE_METHODS and (dotted is None or not dotted.startswith("nbtracker"))
    reads = method in _READ_METHODS
    if dotted is not None:
        writes = writes or dotted.startswith(_WRITES_FILES)
        reads = reads or dotted.startswith(_READS_FILES)
    return [FILES] if writes else [], [FILES] if reads or writes else []


def _is_under(dotted: str, packages: tuple[str, ...]) -> bool:
    return dotted.partition(".")[0] in packages
