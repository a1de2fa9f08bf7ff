package dev.isostream.conformance.scene;

import dev.isostream.spi.Admin;
import dev.isostream.spi.Driver;
import dev.isostream.spi.StoredCursor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/** A group's stored cursors, behind the engine's back. */
public final class Cursors {

  private final Scene scene;
  private final String topic;
  private final String group;

  /** Of a group with no live member. */
  public Cursors(Scene scene, String topic, String group) {
    this.scene = scene;
    this.topic = topic;
    this.group = group;
  }

  /** The states beside the places, by lane name. */
  public List<byte[]> states() {
    List<byte[]> states = new ArrayList<>();
    new TreeMap<>(stored()).values().forEach(cursor -> states.add(cursor.state()));
    return states;
  }

  private Map<String, StoredCursor> stored() {
    try (Driver driver = scene.harness().driver()) {
      Map<String, StoredCursor> cursors = new HashMap<>();
      Admin.GroupInfo info =
          scene
              .complete("a group's cursors are stored", driver.admin().describeGroup(topic, group))
              .orElseThrow(() -> new AssertionError("no group " + group + " on " + topic));
      info.lanes().forEach((lane, known) -> cursors.put(lane, known.cursor()));
      return cursors;
    } catch (Exception e) {
      throw new AssertionError("can't look at the cursors of " + group + ": " + e, e);
    }
  }

  /** Replaces each state, keeping the place. */
  public void overwriteStates(UnaryOperator<byte[]> change) {
    Map<String, StoredCursor> changed = new HashMap<>();
    stored()
        .forEach(
            (lane, cursor) ->
                changed.put(lane, new StoredCursor(cursor.place(), change.apply(cursor.state()))));
    write(changed);
  }

  /** Puts states back that {@link #states} gave. */
  public void restoreStates(List<byte[]> states) {
    Map<String, StoredCursor> changed = new TreeMap<>(stored());
    int next = 0;
    for (Map.Entry<String, StoredCursor> each : changed.entrySet()) {
      each.setValue(new StoredCursor(each.getValue().place(), states.get(next++)));
    }
    write(changed);
  }

  private void write(Map<String, StoredCursor> cursors) {
    try (Driver driver = scene.harness().driver()) {
      scene.await(
          "the group has no live member",
          () ->
              scene.messaging().groups().describe(topic, group).orElseThrow().members().isEmpty());
      scene.complete(
          "a group's cursors can be replaced", driver.admin().writeCursors(topic, group, cursors));
    } catch (Exception e) {
      throw new AssertionError("can't replace the cursors of " + group + ": " + e, e);
    }
  }
}
