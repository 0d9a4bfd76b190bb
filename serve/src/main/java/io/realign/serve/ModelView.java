package io.realign.serve;

import io.realign.target.Target;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** What the service tells of a model. */
final class ModelView {

  private ModelView() {}

  static Map<String, Object> of(ServedModel model, ServiceConfig config) {
    Map<String, Object> view = new LinkedHashMap<>();
    view.put("name", model.name());
    model.target().ifPresent(target -> view.put("target", target(model, target)));
    model.defense().ifPresent(defense -> view.put("defense", Map.of("name", defense.name())));
    if (config.playground()) {
      Playground playground = new Playground(config.limits().attackSteps());
      model.target().ifPresent(target -> view.put("playground", playground.of(target.task())));
    }
    return view;
  }

  private static Map<String, Object> target(ServedModel model, Target target) {
    List<String> classes = IntStream.range(0, target.classes()).mapToObj(model::className).toList();
    Map<String, Object> view = new LinkedHashMap<>();
    view.put("name", target.name());
    view.put("task", target.task().name());
    view.put("metric", target.task().metric());
    view.put("imageSize", target.imageSize());
    view.put("classes", classes);
    return view;
  }
}
