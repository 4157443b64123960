"""A classifier logged by hand, loaded back, and judged by `mlflow.models.evaluate`."""

import mlflow
from mlflow.models import infer_signature
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

mlflow.set_experiment("cancer evaluation")
X, y = load_breast_cancer(return_X_y=True, as_frame=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
test = X_test.assign(label=y_test)

with mlflow.start_run(run_name="evaluation"):
    model = LogisticRegression(max_iter=5000).fit(X_train, y_train)
    info = mlflow.sklearn.log_model(
        model,
        name="logistic",
        signature=infer_signature(X_train, model.predict(X_train)),
        input_example=X_train.head(3),
    )
    result = mlflow.models.evaluate(
        info.model_uri,
        mlflow.data.from_pandas(test, targets="label", name="held out"),
        model_type="classifier",
        evaluator_config={"log_model_explainability": False},
    )
    print("accuracy", result.metrics["accuracy_score"])
