package io.realign.train;

import java.util.List;
import java.util.Map;

/** Tells everybody. */
record Listeners(List<Listener> all) implements Listener {

  @Override
  public void started(long step, long steps) {
    all.forEach(one -> one.started(step, steps));
  }

  @Override
  public void stepped(Progress progress) {
    all.forEach(one -> one.stepped(progress));
  }

  @Override
  public void validated(long step, Map<String, Double> figures, boolean best) {
    all.forEach(one -> one.validated(step, figures, best));
  }

  @Override
  public void saving(long step) {
    all.forEach(one -> one.saving(step));
  }

  @Override
  public void saved(long step) {
    all.forEach(one -> one.saved(step));
  }

  @Override
  public void ended() {
    all.forEach(Listener::ended);
  }
}
