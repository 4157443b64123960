"""Autologging of LightGBM with an evaluation set: metrics of every iteration, and the model."""

import lightgbm
import mlflow
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

mlflow.set_experiment("cancer boosting")
mlflow.lightgbm.autolog()

X, y = load_breast_cancer(return_X_y=True, as_frame=True)
X.columns = [name.replace(" ", "_") for name in X.columns]
X_train, X_valid, y_train, y_valid = train_test_split(X, y, random_state=0)
train = lightgbm.Dataset(X_train, label=y_train)
valid = lightgbm.Dataset(X_valid, label=y_valid, reference=train)

with mlflow.start_run(run_name="boosting"):
    booster = lightgbm.train(
        {
            "objective": "binary",
            "metric": ["binary_logloss", "auc"],
            "num_leaves": 7,
            "learning_rate": 0.1,
            "num_threads": 2,
            "verbosity": -1,
        },
        train,
        num_boost_round=25,
        valid_sets=[train, valid],
        valid_names=["train", "valid"],
        callbacks=[lightgbm.early_stopping(10, verbose=False)],
    )
    print("best iteration", booster.best_iteration)
