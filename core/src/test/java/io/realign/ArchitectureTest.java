package io.realign;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.realign.task.Classification;
import io.realign.task.Detection;
import io.realign.task.Segmentation;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.Test;

/** The order of the packages and the few rules that hold across them. */
final class ArchitectureTest {

  /** The flow: a package sees those before it, and no other. */
  private static final List<String> FLOW =
      List.of(
          "torch",
          "nn",
          "io",
          "data",
          "task",
          "target",
          "attack",
          "defense",
          "align",
          "train",
          "evaluate",
          "report",
          "export");

  private static final JavaClasses CODE =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.realign");

  private static String packageOf(String name) {
    return "io.realign." + name + "..";
  }

  @Test
  void everyPackageHasItsPlaceInTheFlow() {
    assertThat(CODE)
        .extracting(JavaClass::getPackageName)
        .allSatisfy(
            name ->
                assertThat(FLOW)
                    .anyMatch(each -> (name + ".").startsWith("io.realign." + each + ".")));
  }

  @Test
  void aPackageSeesOnlyThoseBeforeIt() {
    for (int i = 0; i + 1 < FLOW.size(); i++) {
      String[] later =
          FLOW.subList(i + 1, FLOW.size()).stream()
              .map(ArchitectureTest::packageOf)
              .toArray(String[]::new);
      noClasses()
          .that()
          .resideInAPackage(packageOf(FLOW.get(i)))
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(later)
          .allowEmptyShould(true)
          .check(CODE);
    }
  }

  @Test
  void packagesFormNoCycle() {
    slices().matching("io.realign.(*)..").should().beFreeOfCycles().check(CODE);
  }

  @Test
  void lossTrainerAndEvaluatorDoNotKnowWhichTaskTheyHave() {
    noClasses()
        .that()
        .resideInAnyPackage(packageOf("align"), packageOf("train"), packageOf("evaluate"))
        .should()
        .dependOnClassesThat()
        .belongToAnyOf(Classification.class, Segmentation.class, Detection.class)
        .check(CODE);
  }

  @Test
  void theReportTouchesNoTensor() {
    noClasses()
        .that()
        .resideInAPackage(packageOf("report"))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.bytedeco..")
        .check(CODE);
  }

  @Test
  void onlyTheTorchPackageHandlesScopesOfTheBinding() {
    noClasses()
        .that()
        .resideOutsideOfPackage(packageOf("torch"))
        .should()
        .dependOnClassesThat()
        .haveFullyQualifiedName(PointerScope.class.getName())
        .check(CODE);
  }

  @Test
  void onlyTheConsoleOfTheCommandLineIsWrittenTo() {
    noClasses()
        .should()
        .accessField(System.class, "out")
        .orShould()
        .accessField(System.class, "err")
        .check(CODE);
  }

  @Test
  void everyPackageIsNullMarked() {
    Stream<String> packages = CODE.stream().map(JavaClass::getPackageName).distinct();
    assertThat(packages)
        .allSatisfy(
            name ->
                classes()
                    .that()
                    .haveFullyQualifiedName(name + ".package-info")
                    .should()
                    .beAnnotatedWith("org.jspecify.annotations.NullMarked")
                    .check(CODE));
  }
}
