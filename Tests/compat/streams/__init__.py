"""All streams of the differential test, by area."""

from streams.artifacts import STREAMS as ARTIFACTS
from streams.batch import STREAMS as BATCH
from streams.datasets import STREAMS as DATASETS
from streams.experiments import STREAMS as EXPERIMENTS
from streams.history import STREAMS as HISTORY
from streams.inputs_outputs import STREAMS as INPUTS_OUTPUTS
from streams.json_and_types import STREAMS as JSON_AND_TYPES
from streams.logged_model_search import STREAMS as LOGGED_MODEL_SEARCH
from streams.logged_models import STREAMS as LOGGED_MODELS
from streams.metrics import STREAMS as METRICS
from streams.model_metrics import STREAMS as MODEL_METRICS
from streams.model_versions import STREAMS as MODEL_VERSIONS
from streams.params_tags import STREAMS as PARAMS_TAGS
from streams.prompts import STREAMS as PROMPTS
from streams.registered_models import STREAMS as REGISTERED_MODELS
from streams.registry_search import STREAMS as REGISTRY_SEARCH
from streams.routing import STREAMS as ROUTING
from streams.runs import STREAMS as RUNS
from streams.search_errors import STREAMS as SEARCH_ERRORS
from streams.search_experiments import STREAMS as SEARCH_EXPERIMENTS
from streams.search_runs import STREAMS as SEARCH_RUNS

STREAMS = [
    *EXPERIMENTS,
    *RUNS,
    *METRICS,
    *PARAMS_TAGS,
    *BATCH,
    *HISTORY,
    *INPUTS_OUTPUTS,
    *DATASETS,
    *LOGGED_MODELS,
    *LOGGED_MODEL_SEARCH,
    *MODEL_METRICS,
    *SEARCH_RUNS,
    *SEARCH_ERRORS,
    *SEARCH_EXPERIMENTS,
    *REGISTERED_MODELS,
    *MODEL_VERSIONS,
    *PROMPTS,
    *REGISTRY_SEARCH,
    *JSON_AND_TYPES,
    *ROUTING,
    *ARTIFACTS,
]
