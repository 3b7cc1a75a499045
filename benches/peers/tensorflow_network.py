"""The network in TensorFlow: `tensorflow_network.py FOLDER LAYOUT train|infer K1 KERNEL`.

LAYOUT is conv1d, which lays the two branches side by side as channels, or
conv2d, which lays them as two columns.
"""

import sys

import contestant
import specification as spec

import keras
import tensorflow as tf

L = keras.layers


def network(race, layout):
    """Builds the network with our names, so that weights find their places."""
    flat = layout == "conv1d"
    convolution = L.Conv1D if flat else L.Conv2D

    def conv(x, name, kernels, rows, columns=1, bias=True):
        size = rows if flat else (rows, columns)
        layer = convolution(kernels, size, use_bias=bias, name=name, kernel_regularizer=penalty())
        return activated(layer(x), name.replace("conv", "bn"))

    def padded(x, padding):
        return (L.ZeroPadding1D(padding) if flat else L.ZeroPadding2D((padding, (0, 0))))(x)

    def pooled(x):
        return (L.AveragePooling1D(spec.POOL) if flat else L.AveragePooling2D((spec.POOL, 1)))(x)

    def branch(columns, name):
        given = keras.Input((spec.POSITIONS, columns))
        x = given if flat else L.Reshape((spec.POSITIONS, columns, 1))(given)
        x = conv(padded(x, spec.FIRST_PADDING), f"{name}.conv1", race.k1, race.kernel, columns, False)
        x = conv(padded(x, spec.SECOND_PADDING), f"{name}.conv2", race.k2, race.kernel)
        return given, pooled(x)

    (tracks, left), (dna, right) = branch(spec.TRACKS, "epi"), branch(spec.BASES, "seq")
    x = padded(L.Concatenate(axis=2)([left, right]), spec.MERGED_PADDING)
    x = conv(x, "merged.conv1", spec.MERGED_KERNELS[0], 2, 2)
    x = pooled(conv(x, "merged.conv2", spec.MERGED_KERNELS[1], 1))
    x = L.Flatten()(x)
    for i, units in enumerate(spec.DENSE, 1):
        x = L.Dense(units, name=f"dense{i}", kernel_regularizer=penalty())(x)
        x = activated(x, f"dense{i}.bn", dropout=i < len(spec.DENSE))
    x = L.Dense(1, name="out", kernel_regularizer=penalty())(x)
    return keras.Model([tracks, dna], L.ReLU()(x))


def activated(x, name, dropout=True):
    x = L.BatchNormalization(momentum=spec.MOMENTUM, epsilon=spec.EPSILON, name=name)(x)
    x = L.ReLU()(x)
    return L.Dropout(spec.DROPOUT)(x) if dropout else x


def penalty():
    return keras.regularizers.L2(spec.PENALTY)


def load(model, race):
    """Gives every layer our weights; each must be used, and each layer served."""
    unused = dict(race.weights)
    for layer in model.layers:
        for variable in layer.weights:
            values = unused.pop(f"{layer.name}.{variable.name}")
            variable.assign(values.reshape(variable.shape))
    if unused:
        raise ValueError(f"the network has no {sorted(unused)}")
    race.check_parameters(sum(int(tf.size(v)) for v in model.trainable_variables))


def main(folder, layout, task, k1, kernel):
    for set_threads in (
        tf.config.threading.set_intra_op_parallelism_threads,
        tf.config.threading.set_inter_op_parallelism_threads,
    ):
        set_threads(contestant.THREADS)
    race = spec.read(folder, task, k1, kernel)
    model = network(race, layout)
    load(model, race)
    inputs = [tf.constant(race.tracks), tf.constant(race.dna)]
    target = tf.constant(race.target)

    def optimiser():
        adam = keras.optimizers.Adam(spec.RATE, *spec.BETAS, epsilon=spec.ADAM_EPSILON)
        adam.build(model.trainable_variables)
        return adam

    @tf.function
    def infer():
        return model(inputs, training=False)[:, 0]

    def step(adam):
        with tf.GradientTape() as tape:
            output = model(inputs, training=True)[:, 0]
            loss = tf.reduce_mean(tf.square(output - target)) + tf.add_n(model.losses)
        gradients = tape.gradient(loss, model.trainable_variables)
        adam.apply_gradients(zip(gradients, model.trainable_variables))
        return output

    def check_training():
        """Predictions, and the outputs of two steps without dropout."""
        dropouts = [layer for layer in model.layers if isinstance(layer, L.Dropout)]
        for layer in dropouts:
            layer.rate = 0.0
        adam = optimiser()
        undropped = tf.function(lambda: step(adam))
        numbers = [infer(), undropped(), undropped()]
        for layer in dropouts:
            layer.rate = spec.DROPOUT
        load(model, race)
        return tf.concat(numbers, 0)

    adam = optimiser()
    train = tf.function(lambda: step(adam))
    run = {"train": train, "infer": infer}[race.task]
    check = {"train": check_training, "infer": infer}[race.task]
    contestant.serve(check=lambda: check().numpy(), run=lambda: run().numpy())


main(*sys.argv[1:])
