//! Two harnesses of one user at once.

use super::scene::{HEADER, PIPE, Scene};

super::tests![neither_of_two_harnesses_sweeps_the_others_folder];

fn neither_of_two_harnesses_sweeps_the_others_folder() {
    let scene = Scene::new();
    let root = scene.slow_case("for-ever", "3600s");
    let lasting = ["run", "--format=json", PIPE, "--root", &root];
    let mut first = scene.start(lasting);
    first.wait_until_it_says(HEADER);
    // Elsewhere files that have no name are here under one, as long as somebody has them open.
    let folders = || {
        let mut left = scene.left();
        left.retain(|path| path.to_string_lossy().contains("ipc-conformance-"));
        left
    };
    let firsts = folders();
    assert_ne!(firsts.len(), 0);

    // One that ends in good order, and one that doesn't.
    assert!(
        scene
            .start(["run", "seed/pipe", "--backend=pipe:std/pipe"])
            .end()
            .status
            .success()
    );
    let mut killed = scene.start(lasting);
    killed.wait_until_it_says(HEADER);
    killed.kill();
    killed.end();

    assert_eq!(folders(), firsts);
    first.kill();
    first.end();
    scene.assert_nothing_left();
}
