//! The command line of the backend.

use std::process::ExitCode;

use backend::{cli::Cli, serve};
use clap::Parser as _;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    match serve::run(cli).await {
        Ok(code) => code,
        Err(error) => {
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            tracing::error!(%error, cause, "golpo-backend ended");
            ExitCode::FAILURE
        }
    }
}
