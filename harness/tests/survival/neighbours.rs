//! Two harnesses of one user at once.

use crate::scene::{HEADER, Scene};

crate::tests![neither_of_two_harnesses_sweeps_the_others_folder];

fn neither_of_two_harnesses_sweeps_the_others_folder() {
    let scene = Scene::new();
    let hang = [
        "run",
        "--format=json",
        "seed/pipe",
        "--backend=pipe:std/pipe~hang",
    ];
    let mut first = scene.start(hang);
    first.wait_until_it_says(HEADER);
    let firsts = scene.left();
    assert_ne!(firsts.len(), 0);

    // One that ends in good order, and one that doesn't.
    assert!(
        scene
            .start(["run", "seed/pipe", "--backend=pipe:std/pipe"])
            .end()
            .status
            .success()
    );
    let mut killed = scene.start(hang);
    killed.wait_until_it_says(HEADER);
    killed.kill();
    killed.end();

    assert_eq!(scene.left(), firsts);
    first.kill();
    first.end();
    scene.assert_nothing_left();
}
