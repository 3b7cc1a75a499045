"""Fits with scikit-learn: `sklearn_regression.py FOLDER SETTING forest|svr|nu-svr|ridge`.

SETTING is default, or for ridge how the penalty is chosen: leave-one-out, or folds as ours.
"""

import sys
from pathlib import Path

import contestant

import numpy as np
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import Ridge, RidgeCV
from sklearn.metrics import r2_score
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVR, NuSVR

THREADS = contestant.THREADS
ALPHAS = [1.0, 10.0, 100.0, 1e3, 1e4, 1e5]


def by_folds():
    grid = {"ridge__alpha": ALPHAS}
    return GridSearchCV(
        make_pipeline(StandardScaler(), Ridge()), grid, cv=KFold(5), scoring="r2", n_jobs=THREADS
    )


MODELS = {
    ("forest", "default"): lambda: RandomForestRegressor(n_jobs=THREADS, random_state=1),
    ("svr", "default"): SVR,
    ("nu-svr", "default"): NuSVR,
    ("ridge", "leave-one-out"): lambda: make_pipeline(StandardScaler(), RidgeCV(ALPHAS)),
    ("ridge", "folds"): by_folds,
}


def main(folder, setting, task):
    with np.load(Path(folder) / "regression.npz") as file:
        x, y, x_test, y_test = (file[name] for name in ("x", "y", "x_test", "y_test"))

    def fit():
        return MODELS[task, setting]().fit(x, y)

    def check():
        predicted = fit().predict(x_test)
        # Forests of other random numbers predict something else as well.
        return [r2_score(y_test, predicted)] if task == "forest" else predicted

    contestant.serve(check, run=fit)


main(*sys.argv[1:])
