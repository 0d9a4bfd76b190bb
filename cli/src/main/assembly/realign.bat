@echo off
setlocal
set "LIB=%~dp0..\lib"
set "JAVA=java"
if defined JAVA_HOME set "JAVA=%JAVA_HOME%\bin\java.exe"
set "RELEASE="
for /f "tokens=3" %%v in ('""%JAVA%" -version 2^>^&1 ^| findstr /c:" version ""') do for /f "delims=.-+ tokens=1" %%r in ("%%~v") do set "RELEASE=%%r"
if not defined RELEASE set "RELEASE=0"
if %RELEASE% LSS 21 (
  echo realign: needs Java 21 or newer: install one ^(https://adoptium.net^) or set JAVA_HOME 1>&2
  exit /b 1
)
set "QUIET="
if %RELEASE% GEQ 23 set "QUIET=--sun-misc-unsafe-memory-access=allow"
if not defined REALIGN_HEAP set "REALIGN_HEAP=1g"
if not defined REALIGN_MEMORY set "REALIGN_MEMORY=0"
if not defined REALIGN_THREADS set "REALIGN_THREADS=%NUMBER_OF_PROCESSORS%"
if not defined OMP_NUM_THREADS set "OMP_NUM_THREADS=%REALIGN_THREADS%"
if not defined OPENBLAS_NUM_THREADS set "OPENBLAS_NUM_THREADS=1"
"%JAVA%" -Xmx%REALIGN_HEAP% -XX:MaxNewSize=96m -Dorg.bytedeco.javacpp.maxphysicalbytes=%REALIGN_MEMORY% -Dorg.bytedeco.javacpp.maxbytes=0 -Djava.awt.headless=true --enable-native-access=ALL-UNNAMED %QUIET% %REALIGN_JAVA_OPTS% -cp "%LIB%\*" io.realign.cli.Main %*
exit /b %ERRORLEVEL%
