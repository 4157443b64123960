"""Autologging of a grid search: a run for the search, a nested one for each candidate."""

import mlflow
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, train_test_split

mlflow.set_experiment("iris grid search")
mlflow.sklearn.autolog()

X, y = load_iris(return_X_y=True, as_frame=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)

with mlflow.start_run(run_name="grid"):
    search = GridSearchCV(
        LogisticRegression(max_iter=500), {"C": [0.01, 0.1, 1.0]}, cv=3, scoring="accuracy"
    )
    search.fit(X_train, y_train)
    print("accuracy", search.score(X_test, y_test))
