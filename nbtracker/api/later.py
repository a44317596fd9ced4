"""Names of the reference that come with a later release, so that an error can say so."""

OF_API = frozenset(
    [
        "artifact",
        "artifact_collection",
        "artifact_collection_exists",
        "artifact_collections",
        "artifact_exists",
        "artifact_type",
        "artifact_types",
        "artifact_versions",
        "artifacts",
        "automation",
        "automations",
        "create_project",
        "create_run",
        "project",
        "registries",
        "registry",
        "reports",
        "sweep",
        "sweeps",
        "sync_tensorboard",
        "user",
        "users",
        "viewer",
    ]
)

OF_RUN = frozenset(
    [
        "beta_scan_history",
        "commit",
        "download_history_exports",
        "log_artifact",
        "logged_artifacts",
        "to_html",
        "update_state",
        "upload_file",
        "use_artifact",
        "used_artifacts",
        "user",
    ]
)

OF_RUNS = frozenset(["scan_histories"])


def missing(what: str, name: str, coming: frozenset[str]) -> AttributeError:
    """Make the error for a name that is not there."""
    if name in coming:
        return AttributeError(f"{what}.{name} comes with a later release of nbtracker")
    return AttributeError(f"{what} has no attribute {name!r}; see dir({what})")
