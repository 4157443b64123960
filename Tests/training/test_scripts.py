"""Training scripts as users have them, each run from its first line to its last."""

from __future__ import annotations

import json
from pathlib import Path

from mlflow import MlflowClient
from mlflow.entities import LoggedModel, Run


def experiment_of(client: MlflowClient, name: str) -> str:
    experiment = client.get_experiment_by_name(name)
    assert experiment is not None
    return experiment.experiment_id


def runs_of(client: MlflowClient, name: str) -> list[Run]:
    return client.search_runs([experiment_of(client, name)], order_by=["attributes.run_name"])


def models_of(client: MlflowClient, name: str) -> list[LoggedModel]:
    return list(client.search_logged_models([experiment_of(client, name)]))


def artifacts_of(client: MlflowClient, run: Run) -> set[str]:
    return {each.path for each in client.list_artifacts(run.info.run_id)}


def test_grid_search(script, client: MlflowClient) -> None:
    assert "accuracy 0.97" in script("grid_search")
    runs = runs_of(client, "iris grid search")
    (parent,) = [run for run in runs if run.info.run_name == "grid"]
    children = [run for run in runs if run is not parent]
    assert len(children) == 3
    assert {run.data.tags["mlflow.parentRunId"] for run in children} == {parent.info.run_id}
    assert {run.data.params["C"] for run in children} == {"0.01", "0.1", "1.0"}
    assert all("mean_test_score" in run.data.metrics for run in children)
    assert parent.data.params["best_C"] == "1.0"
    assert parent.data.metrics["best_cv_score"] > 0.9
    assert parent.data.tags["estimator_name"] == "GridSearchCV"
    assert {"cv_results.csv", "estimator.html", "training_confusion_matrix.png"} <= artifacts_of(
        client, parent
    )
    models = models_of(client, "iris grid search")
    assert {model.name for model in models} == {"model", "best_estimator"}
    assert {model.source_run_id for model in models} == {parent.info.run_id}
    assert {str(model.status) for model in models} == {"READY"}
    outputs = client.get_run(parent.info.run_id).outputs.model_outputs
    assert {output.model_id for output in outputs} == {model.model_id for model in models}
    found = client.search_runs([parent.info.experiment_id], "datasets.context = 'train'")
    assert {run.info.run_id for run in found} == {run.info.run_id for run in runs}


def test_lightgbm_with_evaluation_set(script, client: MlflowClient) -> None:
    script("lightgbm_eval")
    (run,) = runs_of(client, "cancer boosting")
    assert run.data.params["num_leaves"] == "7"
    for name in ("train-auc", "train-binary_logloss", "valid-auc", "valid-binary_logloss"):
        history = client.get_metric_history(run.info.run_id, name)
        steps = sorted(point.step for point in history)
        assert steps[:5] == [0, 1, 2, 3, 4], name
        assert len(steps) >= 10, name
    assert "best_iteration" in run.data.metrics
    assert {"feature_importance_gain.png", "feature_importance_split.json"} <= artifacts_of(
        client, run
    )
    (model,) = models_of(client, "cancer boosting")
    assert str(model.status) == "READY"
    assert {i.dataset.name for i in run.inputs.dataset_inputs} == {"dataset", "train", "valid"}


def test_keras(script, client: MlflowClient) -> None:
    script("keras_fit")
    (run,) = runs_of(client, "iris network")
    for name in ("loss", "accuracy", "val_loss", "val_accuracy"):
        history = client.get_metric_history(run.info.run_id, name)
        assert sorted(point.step for point in history) == [0, 1, 2, 3, 4], name
    assert run.data.params["batch_size"] == "32"
    assert "model_summary.txt" in artifacts_of(client, run)
    (model,) = models_of(client, "iris network")
    assert (str(model.status), model.source_run_id) == ("READY", run.info.run_id)
    assert {i.dataset.name for i in run.inputs.dataset_inputs} == {"dataset"}


def test_optuna_trials(script, client: MlflowClient) -> None:
    script("optuna_trials")
    runs = runs_of(client, "wine study")
    (parent,) = [run for run in runs if run.info.run_name == "study"]
    trials = client.search_runs(
        [parent.info.experiment_id],
        f"tags.mlflow.parentRunId = '{parent.info.run_id}'",
        order_by=["metrics.accuracy DESC"],
    )
    assert len(trials) == 6
    assert {run.info.status for run in runs} == {"FINISHED"}
    number = parent.data.tags["best trial"]
    (best,) = [run for run in trials if run.info.run_name == f"trial {number}"]
    assert best.data.metrics["accuracy"] == parent.data.metrics["best_accuracy"]
    assert trials[0].data.metrics["accuracy"] == best.data.metrics["accuracy"]
    assert best.data.params["C"] == parent.data.params["best_C"]
    folds = client.get_metric_history(best.info.run_id, "fold_accuracy")
    assert sorted(point.step for point in folds) == [0, 1, 2]


def test_evaluate_a_classifier(script, client: MlflowClient) -> None:
    assert "accuracy 0.9" in script("evaluate")
    (run,) = runs_of(client, "cancer evaluation")
    (model,) = models_of(client, "cancer evaluation")
    assert {"accuracy_score", "f1_score", "roc_auc", "log_loss"} <= run.data.metrics.keys()
    # What was measured is the model's too, and it says on which data.
    measured = {metric.key: metric for metric in model.metrics}
    assert measured["accuracy_score"].value == run.data.metrics["accuracy_score"]
    assert measured["accuracy_score"].dataset_name == "held out"
    assert {each.run_id for each in model.metrics} == {run.info.run_id}
    (used,) = run.inputs.dataset_inputs
    assert (used.dataset.name, used.dataset.digest) == (
        "held out",
        measured["accuracy_score"].dataset_digest,
    )
    assert {"confusion_matrix.png", "roc_curve_plot.png"} <= artifacts_of(client, run)
    files = {each.path for each in client.list_logged_model_artifacts(model.model_id)}
    assert {"MLmodel", "input_example.json", "serving_input_example.json"} <= files


def test_log_and_load(script, client: MlflowClient) -> None:
    printed = script("log_and_load")
    assert "found ['10.0', '1.0']" in printed
    assert "last 10.0 READY" in printed
    models = {model.params["alpha"]: model for model in models_of(client, "diabetes ridge")}
    assert models.keys() == {"0.1", "1.0", "10.0"}
    assert models["10.0"].tags.keys() >= {"chosen"}
    assert "team" not in models["10.0"].tags
    assert models["10.0"].params["note"] == "largest alpha"
    assert models["1.0"].model_type == "regressor"
    on = {(metric.key, metric.dataset_name) for metric in models["0.1"].metrics}
    assert on == {("r2", "train"), ("r2", "test"), ("alpha", "test")}
    ids = [experiment_of(client, "diabetes ridge")]
    (digest,) = {m.dataset_digest for m in models["0.1"].metrics if m.dataset_name == "train"}
    best = client.search_logged_models(
        ids,
        order_by=[
            {
                "field_name": "metrics.r2",
                "ascending": False,
                "dataset_name": "train",
                "dataset_digest": digest,
            }
        ],
    )
    assert [model.params["alpha"] for model in best] == ["0.1", "1.0", "10.0"]


def test_models_kept_elsewhere(script, client: MlflowClient) -> None:
    script("external_model")
    models = {model.name: model for model in models_of(client, "models elsewhere")}
    assert models.keys() == {"agent", "outside"}
    assert (models["agent"].model_type, str(models["agent"].status)) == ("agent", "READY")
    assert models["outside"].params["149"] == "149"


def test_registry(script, client: MlflowClient) -> None:
    assert "registered ['iris retired']" in script("registry")
    versions = client.search_model_versions("name = 'iris retired'")
    assert sorted(version.version for version in versions) == ["1", "2"]
    (second,) = [version for version in versions if version.version == "2"]
    assert second.description == "weakly regularised"
    assert second.tags == {"checked": "yes"}
    runs = runs_of(client, "iris registry")
    assert second.run_id in {run.info.run_id for run in runs}
    assert client.get_registered_model("iris retired").aliases == {}


def test_command_line(command, client: MlflowClient, tmp_path: Path) -> None:
    command("experiments", "create", "--experiment-name", "shell")
    experiment = experiment_of(client, "shell")
    run = client.create_run(experiment, run_name="from the shell")
    client.log_metric(run.info.run_id, "m", 0.5, timestamp=1, step=1)
    client.log_param(run.info.run_id, "p", "v")
    (tmp_path / "notes.txt").write_text("hello\n")
    command("artifacts", "log-artifact", "-l", "notes.txt", "-r", run.info.run_id, "-a", "docs")
    listed = json.loads(command("artifacts", "list", "-r", run.info.run_id, "-a", "docs"))
    assert listed == [{"path": "docs/notes.txt", "is_dir": False, "file_size": 6}]
    command("artifacts", "download", "-r", run.info.run_id, "-a", "docs", "-d", "got")
    assert (tmp_path / "got" / "docs" / "notes.txt").read_text() == "hello\n"
    assert "from the shell" in command("runs", "list", "--experiment-id", experiment)
    assert f"{run.info.run_id}" in command("experiments", "csv", "-x", experiment)
    command("experiments", "delete", "-x", experiment)
    assert client.get_experiment(experiment).lifecycle_stage == "deleted"


def test_predict_from_the_shell(command, python, client: MlflowClient, tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text(
        "import mlflow\n"
        "mlflow.set_experiment('shell models')\n"
        "from sklearn.linear_model import LinearRegression\n"
        "model = LinearRegression().fit([[0.0], [1.0]], [1.0, 3.0])\n"
        "print(mlflow.sklearn.log_model(model, name='line').model_id)\n"
    )
    model_id = python("model.py").split()[-1]
    (tmp_path / "in.json").write_text(json.dumps({"inputs": [[2.0], [3.0]]}))
    command(
        *("models", "predict", "-m", f"models:/{model_id}", "--env-manager", "local"),
        *("-i", "in.json", "-t", "json", "-o", "out.json"),
    )
    predicted = json.loads((tmp_path / "out.json").read_text())["predictions"]
    assert [round(value, 6) for value in predicted] == [5.0, 7.0]
