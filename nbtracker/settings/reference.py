"""Settings of the reference that can do nothing here; scripts that set them go on."""

from collections.abc import Mapping
from typing import Any

from nbtracker.errors import warn

_NAMES = frozenset(
    """
    allow_offline_artifacts allow_media_symlink api_key app_url azure_account_url_to_access_key
    base_url code_dir colab_url console console_multipart console_chunk_max_bytes
    console_chunk_max_seconds credentials_file deployment disable_code disable_git
    disable_job_creation docker email files_dir finish_timeout git_branch git_commit git_remote
    git_remote_url git_root heartbeat_seconds host http_proxy https_proxy
    identity_token_file ignore_globs init_timeout insecure_disable_ssl job_name job_source
    label_disable launch launch_config_path login_timeout max_end_of_run_history_metrics
    max_end_of_run_summary_metrics organization problem relogin root_dir sagemaker_disable
    settings_system settings_workspace show_colors show_emoji show_errors show_info show_warnings
    start_datetime start_method start_time strict summary_errors summary_timeout
    summary_warnings sweep_id sweep_param_path symlink system_sample system_sample_seconds
    table_raise_on_max_row_limit_exceeded timeout username
    """.split()
)


def without_reference(said: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out the reference's own settings; one warning names them."""
    idle = [name for name in said if is_reference(name)]
    if idle:
        warn(f"settings that have no effect here: {', '.join(sorted(idle))}")
    return {name: value for name, value in said.items() if name not in idle}


def is_reference(name: str) -> bool:
    """Whether a setting is the reference's own; those with `x_` or `_` are internal to it."""
    return name in _NAMES or name.startswith(("x_", "_"))
