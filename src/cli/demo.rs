//! `unpeel demo`: the demo gateway alone, until it is told to end.

use super::{DemoArgs, output, setup};
use crate::demo::{self, Demo, Options};
use crate::text::Safe;
use anyhow::bail;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};

/// `2`, `2x` or `1.5x`.
pub fn drift(text: &str) -> Result<f64, String> {
    let number = text.trim_end_matches('x').parse::<f64>().ok().filter(|x| x.is_finite() && *x >= 0.0);
    number.ok_or_else(|| format!("{text:?} is no factor; write for example 2 or 1.5x"))
}

pub fn demo(args: &DemoArgs) -> anyhow::Result<u8> {
    if args.list {
        output::raw(demo::list().as_bytes())?;
        return Ok(0);
    }
    if let Some(scene) = &args.scene
        && !demo::scenes().iter().any(|known| known.id == *scene)
    {
        bail!("there is no scene {scene:?}; `unpeel demo --list` names them");
    }
    let options = Options {
        port: args.port,
        scene: args.scene.clone(),
        request_log: args.request_log.clone(),
        delay: Duration::from_millis(args.delay_ms),
        models: args.models,
        usage_drift: args.usage_drift,
        key: args.key.clone(),
        seed: args.seed,
    };
    setup::tokio()?.block_on(async {
        let demo = Demo::bind(options).await?;
        output::lines([Safe::of(&format!("listening {}", demo.base()))])?;
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            _ = demo.serve() => {}
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
        Ok(0)
    })
}
