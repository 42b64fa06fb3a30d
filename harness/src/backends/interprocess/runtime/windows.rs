use std::io;
use std::sync::{Mutex, OnceLock};

use tokio::runtime::Builder;

use super::waiting::Runtime;
use crate::backends::transport::half::lock;

/// Returns the process's runtime. Written bytes move on only while an event loop runs, so one runs on a
/// thread, as in a program made of futures.
pub(super) fn going_on() -> io::Result<Runtime> {
    static MAKING: Mutex<()> = Mutex::new(());
    static SHARED: OnceLock<tokio::runtime::Runtime> = OnceLock::new();
    let _making = lock(&MAKING);
    if let Some(runtime) = SHARED.get() {
        return Ok(Runtime::Shared(runtime));
    }
    let mut runtime = Builder::new_multi_thread();
    let runtime = runtime
        .worker_threads(1)
        .enable_io()
        .enable_time()
        .build()?;
    Ok(Runtime::Shared(SHARED.get_or_init(|| runtime)))
}
