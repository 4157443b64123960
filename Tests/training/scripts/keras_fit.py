"""Autologging of Keras: metrics of every epoch, the training data, and the model."""

import keras
import mlflow
from sklearn.datasets import load_iris
from sklearn.preprocessing import StandardScaler

mlflow.set_experiment("iris network")
mlflow.keras.autolog()
keras.utils.set_random_seed(0)

X, y = load_iris(return_X_y=True)
X = StandardScaler().fit_transform(X).astype("float32")
network = keras.Sequential(
    [
        keras.layers.Input((4,)),
        keras.layers.Dense(8, activation="relu"),
        keras.layers.Dense(3, activation="softmax"),
    ]
)
network.compile(
    keras.optimizers.Adam(0.05), loss="sparse_categorical_crossentropy", metrics=["accuracy"]
)
with mlflow.start_run(run_name="network"):
    network.fit(X, y, batch_size=32, epochs=5, validation_split=0.2, verbose=0)
