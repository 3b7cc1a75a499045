"""Makes more.json: what tests/fixtures/sklearn lacks, on its data set `binned`.

pip install scikit-learn==1.9.1 && python more.py ../../../../tests/fixtures/sklearn
"""
import json
import sys

import numpy as np
import sklearn
from sklearn.linear_model import ElasticNet
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVR

folder = sys.argv[1]
x = np.loadtxt(f"{folder}/binned.X.tsv.gz")
y = np.loadtxt(f"{folder}/binned.y.tsv")
train, test = slice(0, 480), slice(480, 600)


def predicted(model):
    return [float(f"{v:.10g}") for v in model.fit(x[train], y[train]).predict(x[test])]


def elastic(alpha, l1_ratio):
    net = ElasticNet(alpha=alpha, l1_ratio=l1_ratio, tol=1e-14, max_iter=1_000_000)
    return {"alpha": alpha, "l1_ratio": l1_ratio, "predicted": predicted(make_pipeline(StandardScaler(), net))}


def polynomial(degree, coef0, c):
    svr = SVR(kernel="poly", degree=degree, coef0=coef0, C=c, tol=1e-8)
    found = predicted(svr)
    return {"degree": degree, "coef0": coef0, "C": c, "predicted": found, "n_support": int(svr.n_support_[0])}


made = {
    "sklearn": sklearn.__version__,
    "elastic": [elastic(0.1, 1.0), elastic(0.01, 1.0), elastic(0.01, 0.5), elastic(0.1, 0.1)],
    "polynomial": [polynomial(3, 0.0, 1.0), polynomial(2, 1.0, 0.1), polynomial(4, 0.5, 0.1)],
}
json.dump(made, open("more.json", "w"), separators=(",", ":"))
