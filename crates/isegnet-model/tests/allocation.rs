//! A training step after the first, and inference after the first, use the engine's memory.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use isegnet_core::InputShape;
use isegnet_model::{
    CpuEngine, Dna, Dropout, Engine, Input, Layout, Loss, NetworkConfig, Plan, Step, Weights,
};
use ndarray::{Array2, Array3};
use std::alloc::{GlobalAlloc, Layout as Memory, System};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Counts the bytes that are asked for.
struct Counting;

static ASKED: AtomicUsize = AtomicUsize::new(0);

// SAFETY: everything is left to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, memory: Memory) -> *mut u8 {
        ASKED.fetch_add(memory.size(), Ordering::Relaxed);
        // SAFETY: the caller's.
        unsafe { System.alloc(memory) }
    }
    unsafe fn dealloc(&self, at: *mut u8, memory: Memory) {
        // SAFETY: the caller's.
        unsafe { System.dealloc(at, memory) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn nothing_is_allocated_after_the_first_step() {
    let gao2022 = NetworkConfig { k1: 16, k2: 32, ..NetworkConfig::gao2022() };
    for config in [gao2022, NetworkConfig::deepchrome()] {
        first_step_alone_allocates(&config);
    }
}

fn first_step_alone_allocates(config: &NetworkConfig) {
    let names = vec!["a".to_owned(), "b".to_owned()];
    let shape = InputShape { positions: 1000, tracks: names, dna: true };
    let plan = Plan::new(config, &shape).unwrap();
    let layout = Arc::new(Layout::new(&plan));
    let weights: Weights = Weights::initial(&layout, 1);
    let mut gradient = Weights::zeros(&layout);
    let tracks = Array3::from_shape_fn((20, 1000, 2), |(i, j, k)| ((i + j * 7 + k) % 13) as f32);
    let codes = Array2::from_shape_fn((20, 1000), |(i, j)| ((i + j * j) % 4) as u8);
    let input = Input { tracks: tracks.view(), dna: Dna::Codes(codes.view()) };
    let target = vec![1.0; 20];
    let mut output = vec![0.0; 20];
    let mut engine = CpuEngine::<f32>::new(plan);
    let mut asked = |step: u64| {
        let before = ASKED.load(Ordering::Relaxed);
        let dropout = Some(Dropout { seed: 1, step });
        let step = Step { target: &target, loss: Loss::SquaredErrorRelu, dropout };
        engine.train_step(&weights, &input, step, &mut gradient, &mut output).unwrap();
        engine.infer(&weights, &input, &mut output).unwrap();
        ASKED.load(Ordering::Relaxed) - before
    };
    let first = asked(0);
    let second = asked(1);
    assert!(first > 10_000_000, "{first} bytes in the first step");
    assert!(second < 10_000, "{second} bytes in the second step");
}
