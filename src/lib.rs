#![doc = include_str!("../README.md")]

#[doc(inline)]
pub use isegnet_baselines as baselines;
#[doc(inline)]
pub use isegnet_core as core;
#[doc(inline)]
pub use isegnet_encode as encode;
#[doc(inline)]
pub use isegnet_explain as explain;
#[doc(inline)]
pub use isegnet_io as io;
#[doc(inline)]
pub use isegnet_model as model;
#[doc(inline)]
pub use isegnet_motif as motif;
#[doc(inline)]
pub use isegnet_ops as ops;
#[doc(inline)]
pub use isegnet_plot as plot;
#[doc(inline)]
pub use isegnet_select as select;
#[doc(inline)]
pub use isegnet_simulate as simulate;
#[doc(inline)]
pub use isegnet_stats as stats;
