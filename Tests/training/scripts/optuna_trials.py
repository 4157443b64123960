"""A study of Optuna: a child run for each trial, the best one noted in the parent."""

import mlflow
import optuna
from sklearn.datasets import load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

mlflow.set_experiment("wine study")
optuna.logging.set_verbosity(optuna.logging.WARNING)
X, y = load_wine(return_X_y=True)


def objective(trial: optuna.Trial) -> float:
    with mlflow.start_run(run_name=f"trial {trial.number}", nested=True):
        strength = trial.suggest_float("C", 1e-3, 10, log=True)
        mlflow.log_params(trial.params)
        model = make_pipeline(StandardScaler(), LogisticRegression(C=strength))
        scores = cross_val_score(model, X, y, cv=3)
        for fold, score in enumerate(scores):
            mlflow.log_metric("fold_accuracy", score, step=fold)
        mlflow.log_metric("accuracy", scores.mean())
        return scores.mean()


with mlflow.start_run(run_name="study"):
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=1))
    study.optimize(objective, n_trials=6)
    mlflow.log_params({f"best_{name}": value for name, value in study.best_params.items()})
    mlflow.log_metric("best_accuracy", study.best_value)
    mlflow.set_tag("best trial", study.best_trial.number)
