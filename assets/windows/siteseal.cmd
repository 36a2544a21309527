@echo off
rem Starts Siteseal: its window without arguments, its command line with arguments.
setlocal
if "%~1"=="" (
  start "" "%~dp0..\Siteseal.exe"
  exit /b 0
)
"%~dp0..\Siteseal.exe" --log-level=3 -- %*
exit /b %errorlevel%
