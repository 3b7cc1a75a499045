//! Trees drawn beside what they put in order.

use crate::cluster::Tree;
use crate::{Axes, Axis, Colour, Layer, Line, Marks};

/// Gives a panel without marks around a tree whose items lie along one side.
fn bare_tree(x: Vec<f64>, y: Vec<f64>, limits: [(f64, f64); 2]) -> Axes {
    let axis = |limits| Axis { limits: Some(limits), marks: Marks::None, ..Axis::default() };
    let line = Line { width: 1.0, ..Line::new(x, y, Colour::INK) };
    Axes {
        x: axis(limits[0]),
        y: axis(limits[1]),
        bare: true,
        layers: vec![Layer::Line(line)],
        ..Axes::default()
    }
}

/// Gives how far a tree reaches, with air for its outermost line.
fn reach(heights: &[f64]) -> f64 {
    let highest = heights.iter().copied().fold(0.0, f64::max);
    if highest > 0.0 { 1.03 * highest } else { 1.0 }
}

/// Gives a tree with its root above and the first item on the left.
pub(crate) fn tree_above(tree: &Tree) -> Axes {
    let (along, up) = tree.brackets();
    let ends = [(0.0, tree.order().len() as f64), (0.0, reach(&up))];
    bare_tree(along, up, ends)
}

/// Gives a tree with its root on the left and the first item uppermost.
pub(crate) fn tree_beside(tree: &Tree) -> Axes {
    let (along, up) = tree.brackets();
    let count = tree.order().len() as f64;
    let ends = [(-reach(&up), 0.0), (0.0, count)];
    let left = up.iter().map(|h| -h).collect();
    bare_tree(left, along.iter().map(|a| count - a).collect(), ends)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::average_linkage;

    #[test]
    fn items_lie_at_the_middles_of_rows_and_columns() {
        // Items 0 and 2 join at 1, item 1 joins them at 5.
        let tree = average_linkage(3, &[0., 5., 1., 5., 0., 5., 1., 5., 0.]).unwrap();
        let line = |axes: Axes| match axes.layers.into_iter().next() {
            Some(Layer::Line(line)) => line,
            other => panic!("{other:?}"),
        };
        let above = line(tree_above(&tree));
        assert_eq!(above.x[..4], [0.5, 0.5, 1.5, 1.5]);
        assert_eq!(above.y[..4], [0.0, 1.0, 1.0, 0.0]);
        assert_eq!((above.x[8], above.y[6]), (2.5, 5.0));
        let beside = line(tree_beside(&tree));
        assert_eq!(beside.y[..4], [2.5, 2.5, 1.5, 1.5]);
        assert_eq!(beside.x[..4], [0.0, -1.0, -1.0, 0.0]);
        let limits = tree_beside(&tree).x.limits.unwrap();
        assert!(limits.0 < -5.0 && limits.1 == 0.0);
    }
}
