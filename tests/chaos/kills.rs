//! `kill -9` at random moments under load.

use std::time::Instant;

use crate::load::Load;
use crate::place::Place;
use crate::processes::{Processes, Role};
use crate::verdict::look;
use crate::{ALONE, chance, pause};

/// How many in all, half of them on each kind of database.
fn kills() -> u64 {
    let text = std::env::var("GOLPO_CHAOS_KILLS").ok();
    text.map_or(40, |text| {
        text.parse().expect("GOLPO_CHAOS_KILLS is a number")
    })
}

async fn under_kills(place: &Place, name: &str) {
    let started = Instant::now();
    let mut processes = Processes::start(place, 2).await;
    let load = Load::start(&processes, 100);
    let (mut services, mut alive) = (0, 0);
    for _ in 0..kills() / 2 {
        pause(30 + chance(300)).await;
        let roles = processes.roles();
        let index = usize::try_from(chance(roles.len() as u64)).unwrap();
        let role = roles[index];
        alive += usize::from(processes.kill(role));
        services += usize::from(role == Role::Service);
        processes.begin(role);
    }
    // A kill counts when there was somebody to kill.
    assert!(alive as u64 * 20 >= kills() / 2 * 19, "{alive} were alive");
    let asked = load.stop().await;
    let figures = look(place, &asked).await;
    assert!(figures.accepted as u64 >= kills() / 4, "{figures}");
    println!(
        "{name}: {} kills ({services} of the service), {:.0} s: {figures}",
        kills() / 2,
        started.elapsed().as_secs_f64()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_job_is_lost_or_charged_twice_when_processes_are_killed_on_sqlite() {
    let _alone = ALONE.lock().await;
    under_kills(&Place::on_disk().await, "SQLite").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_job_is_lost_or_charged_twice_when_processes_are_killed_on_postgresql() {
    let _alone = ALONE.lock().await;
    under_kills(&Place::on_postgres().await, "PostgreSQL").await;
}
